def test_look(office, slack):
    pass
