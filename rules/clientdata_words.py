"""Word lists of the client-data guard, nl, fr and en together: folded (lower case, no accents), one set per use."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# First names common in Belgium; WORDY_NAMES are those that are words too.
FIRST_NAMES = _set("""
aaron abdel abdelkader abdellah abdoul abdoulaye abdul achiel achraf adam adele adrian adrien agnes agnieszka ahmed
aicha aisha aissatou alain albert alex alexander alexandra alexandre alexia alexis ali alice alicia aline alix alma
amadou amber ambre amelie amina aminata amir amira amy anais anass anastasiia andre andrea andreas andree andrei
andriy andy angelique anita anja anke ann anna annabel anne anne-sophie annelies annemie annick annie anouk anthony
antoine anton antonia antonio antwan apolline ariane arlette arnaud arne arno arthur astrid audrey aurelie aurore
awa axel axelle aya aylin ayoub ayse aziz baptiste bart bas bastien bavo beatrice beatrijs ben benjamin benny benoit
berkay bernadette bernard bert berthe bianca bieke bilal billie binta bjorn boris bram brecht brenda brent brigitte
britt bruno bryan camille carine carl carla carlos caro carolien caroline catherine cathy cecile cedric celia celine
chaima chantal charles charlotte cheikh chelsea chloe chris christel christian christiane christine christof
christophe cindy claire clara claude claudia claudine clemence clement clotilde colette coline corinne cyriel cyril
daan daisy damien dana daniel daniela danielle danny dave david davy debby deborah delphine denis denise diana
didier diederik dieter dietlinde dimitri dina dirk djamila dmytro dominique dorien doris dorothee dounia dries dylan
eddy edith edouard eduard elena eleonore eliana elias elien elif elina eline elisa elisabeth elise elke ella ellen
ellie elliot els elsa emeline emiel emile emilie emily emine emma emmanuel emre enzo eric erik erika erwin esma
esmee esra estelle esther ethan etienne eugenie eva evelien eveline evelyne ewa ezra fabian fabien fabienne fabrice
fanta farah farid fatiha fatima fatma fatou fatoumata febe felix femke ferre fien filip finn flor florence florian
floris fons fouad francine franck francois francoise frank frans frederic frederik frederique freek freya frieda
gabriel gabrielle gaelle gaetan gaspard geert genevieve georges georgette gerard gerda germaine gert ghislaine ghita
gilles gina ginette gino giovanni gitte giulia godelieve godfried goedele greet gregory greta griet guido guillaume
guillermo gunther gustave guus guy gwen gwendoline hafsa hailey hajar hakan hamza hanae hannah hanne hannelore hans
hasan hassan heidi helen helena helene hendrik henri herman hiba hicham hilde hugo huguette hussein ibrahim ibrahima
ibtissam ignace igor ikram ilias ilona ilse ilyas iman imane imran inaya ine ines inge ingrid irena irene iryna
isaac isabel isabelle ismael ismail ivan ivana ivo jaak jackie jacob jacqueline jacques jade jakob james jamila jan
jana janne jara jarne jasmine jasper jayden jean jeanne jeannine jef jelle jennifer jenny jens jeroen jerome jesse
jessica jessie jimmy jinane jitske joachim joana joanna jochen joel joelle johan johanna johannes john johnny jolien
jolijn jonas jonathan joost jordan jordy joren joris jorne jos jose josee josefien joseph josephine joshua josiane
joyce juan jules julia julian julie julien juliette jurgen justine kaat kaatje kadiatou kamal karel karen karim
karima karin karina karolien kasper kathleen katia katleen kato katrien katrijn kelly kenneth kenny kerem kevin
khadija khalid kim kimberley kimberly kjenta klaas klara kobe koen koenraad kofi kristel kristien kristof kurt kyano
kyara kylian lahcen laila lara lars latifa laura lauranne laure laurence laurens laurent lea leen leila lena lenn
lennert leo leon leona leonard leonie leontine lewis leyla liam lien lies liesbet liesbeth lieselot lieve lieven
lila lili liliane lilly lina linda linde lindsay lindsey line lionel lisa lise lisette livia livy lode loes logan
loic lola lore lorena lorenzo lotte lou loubna louis louisa louise lowie lowis luana luc lucas lucia lucie lucien
lucienne ludo ludovic luka lukas luna lut lutgarde luuk lydia lynn maaike maarten mael maelle magali magda maja
malak malika mamadou manon manu manuel marc marcel marcella marco margaux margot marguerite maria mariam mariama
marian marianne marie marieke mariette marijke marijn marilyn marina mario marion marise marjan marleen marlene
marlies marnix martha marthe martin martina martine mathias mathieu mathilde mathis mathys mats matteo matthew
matthias matthieu maud maurice maurits mauro max maxim maxime maya maysa mehdi mehmet melanie melike melina melissa
merel meriem merve meryem mia michael michel micheline michelle michiel mieke miet mila milan milla milo mina mira
mireille mirjam mohamed mohammed mona monica monique morgan morgane mounir moussa murat mustafa mustapha mykola
myriam nabil nadege nadia nadine naima najat nancy naomi nassim natacha natalia nathalie nathan nawal nel nele nelle
nicholas nick nicky nico nicolas nicole niels nikita niko nils nina nisrine noa noah noe noemie nolan noor nora
norbert nour noura odette oksana oleksandr olena olga olivia oliver olivier omar omer oscar oskar otis oumaima oumar
ousmane owen pascal pascale patricia patrick patrik paul paula paulette paulien pauline pedro peggy peter petra
philip philippe pierre piet pieter pieterjan pol priscilla quentin quinten rachel rachid rachida raf rafael ralph
ramon ramona rania raoul raphael raul rayan rayane raymond rebecca reda regine reinhilde remi rene renee renilde ria
riad ricardo rik rika rita robbe robert roberto robin roel roger roland romain roman romane romeo ronald ronny rosa
rosalie rosanne rose-marie roxane ruben rudi rudy ruth ruud ryan saar sabine sabrina sacha said salah salima salma
sam samantha sami samia samir samira samuel sanaa sander sandra sandrine sandy sanne sara sarah saskia sebastiaan
sebastian sebastien seda selma sem senne seppe serge sergio shana shanaya sharon siebe sien sigrid siham silke
silvia simon simone simonne sirine siska sofia sofiane sofie sofiia sofija solange sonia sonja sophia sophie soraya
souad soufiane stan stef stefaan stefan stefanie steffi stephan stephane stephanie steve steven stien stijn sven
svetlana sylvain sylvia sylvie tamara tania tanja tatiana tess tessa theo thibault thibaut thibo thierry thijs
thomas thorben tibo tiffany tijana tijl tijs tim timo timothy tine tineke tobias tom tomas tommy toon trees tristan
tuncay tuur ugo ulrike ursula valentin valentina valentine valerie vanessa veerle vera veronica veronique vic vicky
victoire victor victoria vince vincent vinciane virginie vital vito viviane vladimir walid walter wannes ward warre
wendy werner willem wim wout wouter xander xavier yana yannick yara yasin yasmina yasmine yassin yassine yorben
younes youssef youssra ysaline yuliia yuna yunus yusuf yves yvette yvonne zakaria zara zeno zeynep ziad zineb zita
zoe zohra zoubida
""")

# Family names common in Belgium; composed ones (van den, de) are known by their particle.
SURNAMES = _set("""
abdi aerts ahmadi akhtar alami amrani aydin baert baeten bakker baptist bauwens beckers benali bernard bertrand
blondeel boels bogaert bogaerts bosmans bouzid braeckman callens carlier celik ceulemans charlier christiaens claes
claessens claeys claus colin collard collin cools coppens cornelis cuypers daems daniels david debacker decker
declercq decock defraene degroote delvaux demeyer demir denis depauw deprez deridder desmedt desmet devos devriendt
dewaele dewit dewolf dewulf dhondt diallo dierckx dubois dufour dumont dupont dupuis durand eeckhout elmahdi evrard
fontaine francois fransen geerts gerard gielen gillet gilson goethals goossens gregoire guillaume haddad hendrickx
henry hermans heymans hoste huybrechts ibrahimi jacobs jacques jansen janssen janssens jespers johnson joos kaya
khan kowalski lambert lambrecht lambrechts lammens laurent lauwers leclercq lefebvre lefevre lejeune lemaire lemmens
lenaerts leroy leys lievens maes marchal marechal martens martin mathieu mathys mees mertens meunier michel michiels
moens mohammadi moreau naessens nguyen nijs noel nowak ooms pauwels peeters petit petrov philippe pieters piette
poncelet popescu raes renard roelandt roels rosseel rousseau sahin schepens segers simoens simons smeets smet smets
smith sterckx stevens stroobants tanghe taylor thijs thomas thys timmermans tran tytgat urbain vandamme verbeeck
verbeke vercammen vercruysse verhaegen verhaeghe verhelst verhoeven verlinden vermeersch vermeiren vermeulen
verschueren verstraete verstraeten vervoort vos wauters willems willemsen wouters wuyts yildirim yildiz yilmaz
""")

# First names that are words as well: a capital alone does not make them names, a cue beside them does.
WORDY_NAMES = _set("""
alma amber ambre amine angelique aurore aya bart ben carlos charles christian claire clement dana elke els florence
iman imane jade jan lea leo leon lien lies lieve linde line lode loes lore lou luna marc maria marie mario mark mars
max maxim maxime mercedes merel milan mina mona nick noel noor olena paris prosper reda roos rosa said sam sem sien
sofia stan toon trees vic victoire victor vital ward
""")
# First names that are ordinary words, streets or characters in small letters.
CAPITAL_NAMES = WORDY_NAMES | _set("""
bert daisy fanta flor frank frans jasmine jean jordan klaas leen lila manu marguerite mario mats melissa nour olivier oscar
pierre piet robin romain roman senne valentin valentine victoria
""")
PARTICLES = _set("van de den der du le la les des di del da el al ben bin ten ter von vanden vander vande t d l op")

# Before a name. The abbreviated ones are never ordinary words, so even a small letter after them is a name.
TITLES = _set("""
hr mevr mevrouw mw mej mejuffrouw juffrouw dhr heer meneer mijnheer mr mrs ms miss mister mme mmes madame mlle
mademoiselle mgr monsieur dr drs prof dokter doctor docteur professor juf meester zuster pastoor tante nonkel tonton
tata aunt uncle sir madam
""")
ABBREVIATED_TITLES = _set("mevr mej dhr mme mlle mrs mevrouw madame monsieur mw drs")
CLIENTS = _set("""
client cliente clientje klant patient patiente pt bewoner bewoonster hulpvrager hulpvraagster zorgvrager
zorgvraagster beneficiaire usager usagere resident residente tiener
""")
KIN = _set("""
moeder mama mams vader papa zoon zoontje dochter dochtertje broer broertje zus zusje zusters kleinzoon kleindochter
kleinkind oma opa grootmoeder grootvader stiefvader stiefmoeder pleegmoeder pleegvader pleegzoon pleegdochter neefje
nichtje echtgenoot echtgenote weduwe weduwnaar vriendin mere maman pere fils fille frere soeur grand-mere grand-pere
beau-pere belle-mere petit-fils petite-fille mari epouse epoux veuve mother mum mom mummy father dad daddy son
daughter brother sister grandmother grandfather grandson granddaughter stepfather stepmother husband wife widow
niece nephew leerling leerlinge jongen jongetje meisje eleve boy girl vriendje vriendinnetje pleegkind pleegmama
pleegpapa pleegzus pleegbroer
""")
KIN_WEAK = _set("""
ouder ouders moeders vaders grootouders pleegouders kinderen kind kindje baby man vrouw partner neef nicht tweeling
gezin familie jongen meisje jongere leerling leerlinge student studente vriend ex parents parent enfant enfants bebe
conjoint compagne compagnon ami amie famille garcon femme homme ado adolescent adolescente jeune eleve etudiant
etudiante family families child children boyfriend girlfriend boy girl woman teenager pupil kid kids friend verhaal
situatie dossier casus cas case cousin cousine begeleiding behandeling opname huisbezoek thuissituatie gast
""")
ROLES = _set("""
huisarts arts psycholoog psychologe orthopedagoog orthopedagoge psychiater verpleegkundige verpleegster
thuisverpleegkundige begeleider begeleidster opvoeder opvoedster leerkracht leraar lerares directeur directrice
directie coordinator coordinatrice coordinateur medewerker medewerkster vrijwilliger vrijwilligster collega stagiair
stagiaire onthaalmedewerker jeugdwerker jeugdwerkster straathoekwerker kinesist kinesiste apotheker vroedvrouw
logopedist logopediste brugfiguur zorgcoordinator zorgleerkracht werker werkster voorzitter consulent medecin
generaliste psychologue infirmier infirmiere educateur educatrice enseignant enseignante prof instituteur
institutrice benevole collegue assistant assistante sage-femme pharmacien pharmacienne kine animateur animatrice
responsable intervenant intervenante travailleur gp doctor nurse teacher colleague volunteer coach counsellor
psychologist psychiatrist midwife pharmacist principal mentor
""")
WITH = _set("""
met voor over door bij aan naar rond betreffende omtrent tegen naast namens samen avec pour chez par concernant sur
selon aupres propos with for about by from regarding concerning re aangaande
""")
NAMED = _set("""
heet heette genaamd genoemd named called appelle appelait nomme nommee prenomme prenommee appele appelee noemt
""")
LABELS = _set("""
naam voornaam familienaam achternaam roepnaam naam-client clientnaam patientnaam name surname firstname lastname
fullname nom prenom nom-prenom
""")

# Capitals that are no names of people: grammar, roles, organisations, languages, months.
NOT_NAMES = _set("""
de het een en of op in te van met voor bij aan der den die dat dit deze ik wij we ze zij hij u je jullie men niet
geen ook nog al als om tot uit na naar over per tegen onder tussen tijdens sinds wegens zonder binnen buiten maar
want dus toen daar daarna hier nadien eerst erna le la les un une des du et ou au aux dans sur pour par avec sans
chez son sa ses mon ma mes il elle on nous vous ils elles tu qui que pas ne plus apres avant puis ensuite the a an
and or to at for by with from his her their our my your he she they it is was are not no this that these those then
after before who which ja nee oui non yes ocmw cpas caw clb csg cgg pms vdab forem onem rva vaph aviq iriscare wgc
ldc cpc ggz ziv rizv riziv inami fod fps spf vzw asbl npo ngo adhd ass hiv lgbt lgbtq gdpr avg covid kpko kp ko mdo
mpo radar pakt ads epsi elp zorgraad zorgkas solidaris helan cm vnz vnb euro eur pdf overkop tejo awel jac jaco
inloop arktos groep intro kompas mobil sos kind-en-gezin kind gezin opgroeien huis agentschap vlaanderen wallonie
belgie belgique belgium brussel bruxelles brussels europa europe oost west noord zuid nord sud est ouest north south
east gent gand ghent antwerpen anvers antwerp brugge bruges leuven louvain luik liege namur namen charleroi bergen
mons hasselt kortrijk aalst alost sint-niklaas dendermonde oudenaarde ronse eeklo deinze lokeren wetteren zele hamme
temse beveren zottegem ninove geraardsbergen evergem lievegem maldegem aalter merelbeke melle destelbergen lochristi
zelzate wachtebeke moerbeke stekene kruibeke lebbeke buggenhout wichelen berlare laarne zwalm brakel lierde herzele
haaltert erpe-mere denderleeuw lede oosterzele gavere nazareth kruisem mechelen turnhout genk tongeren oostende
ostende roeselare ieper waregem diest tienen vilvoorde halle aarschot mortsel molenbeek schaarbeek schaerbeek
anderlecht ixelles elsene etterbeek evere jette laken laeken forest vorst ukkel uccle arlon bastogne dinant verviers
eupen huy tournai doornik mouscron moeskroen wavre nivelles liers lier boom geel mol herentals bredene knokke
torhout tielt vlaams vlaamse nederlands nederlandse frans franse engels engelse duits duitse arabisch arabische
turks turkse oekraiense oekraiens russische russisch poolse pools marokkaanse belgische syrische afghaanse
somalische bulgaarse roma roemeense slovaakse anderstalige francais francaise neerlandais neerlandaise anglais
allemand arabe turc turque ukrainien ukrainienne ukrainiens belge english dutch french german arabic turkish
ukrainian belgian flemish moslim christelijke januari februari maart april mei juni juli augustus september oktober
november december maandag dinsdag woensdag donderdag vrijdag zaterdag zondag janvier fevrier mars avril juin juillet
aout septembre octobre novembre decembre lundi mardi mercredi jeudi vendredi samedi dimanche january february march
may june july august october monday tuesday wednesday thursday friday saturday sunday directeur directrice
voorzitter president presidente directie minister burgemeester schepen coordinator coordinatrice burgermeester
overleg gesprek workshop vorming intervisie supervisie presentie kennismaking kookactiviteit teamvergadering
vergadering advies orientatie activiteit project deel sessie thema lokaal team werking partner netwerk zorg
psychologische eerstelijn welzijn samenwerking reunion concertation atelier formation intervision permanence
rencontre activite groupe theme equipe partie local salle service reseau maison centre espace club ecole meeting
consultation training session group part room center house talk school staff support sint saint sainte st ste
onze-lieve-vrouw olv basisschool college instituut atheneum lyceum institut athenee wijkgezondheidscentrum
dienstencentrum buurthuis jeugdhuis inloophuis huisartsenpraktijk praktijk sociaal sociale social samenlevingsopbouw
x y z nn journey expert experts centraal centrale participatie empowerment rights dag week weken uur tel gsm mail nr
justice oost-vlaanderen west-vlaanderen mental health mentale gezondheid sante geestelijke guislain teresa
tout-le-monde noel kerst language natuur aarde nature earth hubbard day overste superieure kangoeroe lover kart
""")
# Houses, schools and hospitals named after a person.
NAMED_AFTER = _set("""
palfijn breydel yperman portaels guislain middelares hendrika conscience horta solvay curie braille
""")
HOUSES = _set("""
az uz zna pc opz apz wzc rvt school basisschool college atheneum lyceum instituut institut athenee campus site
jeugdhuis jh wijk buurt zaal salle buurthuis huis maison centrum centre clinique hopital ziekenhuis kliniek ecole
koninklijk koning koningin prins roi reine king queen park plein stadion stade metro station halte rue straat place
plaats tram theatre theater museum musee kerk eglise vzw asbl stichting fonds fondation foundation prijs prix
zorgcentrum woonzorgcentrum residentie residence hotel cafe lokaal dienstencentrum ldc bibliotheek sint saint sainte
sporthal film boek livre movie book serie voorstelling musical spectacle roman toneel theaterstuk
""")

# What a psychologist does: a first name behind one of these is a person; the capital that a phone gives it makes no house of it.
ACTS = _set("""
advies afspraak babbel begeleiding belletje bespreking casus casusbespreking co-consult consult consultatie contact crisis
crisisgesprek gesprek huisbezoek individueel intake kennismaking nazorg opstart opvolggesprek opvolging overleg sessie
telefoon telefoontje terugkoppeling traject verslag zorgoverleg accompagnement appel bilan cas concertation discussion
entretien point rdv rencontre rendez-vous reunion seance situation suivi visite call case chat conversation follow-up
meeting session talk visit
""")
OWN = _set("haar zijn d'r z'n")
# An address follows, also in small letters.
LIVES = _set("habite habitent domicile domicilie domiciliee adresse adres woont wonende lives living address")
# A family name follows that is written in two words.
BEFORE_NAME = _set("el al ait ben abu ould")

# One person, against a group: what an age is said of.
PERSONS = _set("""
ll client cliente klant patient patiente pt jongen jongetje meisje man vrouw moeder vader mama papa zoon zoontje
dochter dochtertje broer broertje zus zusje leerling leerlinge kind kindje baby peuter kleuter jongere tiener puber
student studente bewoner bewoonster vluchteling dame heer meneer mevrouw oma opa weduwe weduwnaar persoon adolescent
adolescente volwassene kleinzoon kleindochter nichtje neefje garcon fille femme homme enfant bebe eleve ado jeune
mere pere fils frere soeur monsieur madame usager usagere etudiant etudiante personne fillette boy girl woman child
kid toddler pupil teenager teen mother father son daughter brother sister lady gentleman person adult refugee
""")
GROUPS = _set("""
lln jongeren kinderen leerlingen meisjes jongens ouders mensen personen volwassenen senioren ouderen deelnemers
studenten tieners pubers kleuters peuters baby's adolescenten bewoners bezoekers buurtbewoners vrouwen mannen
moeders vaders mama's papa's clienten patienten gezinnen groep doelgroep leeftijd leeftijdsgroep leeftijden
vrijwilligers gasten vluchtelingen kids jarigen leden wie iedereen allen klas grootouders plussers jeunes enfants
eleves adolescents adolescentes ados parents adultes personnes femmes hommes filles garcons participants etudiants
seniors aines groupe public tranche familles patients benevoles usagers habitants nourrissons membres classe ages
residents youngsters children pupils teenagers teens youths youth adults women men girls boys people students
mothers fathers families group clients refugees toddlers volunteers visitors members everyone tots
""")
DURATION = _set("""
sinds al na reeds gedurende over binnen elke om laatste afgelopen voorbije komende volgende eerste lang looptijd
duur samenwerking werking project bestaan bestaat ervaring geleden later contract overeenkomst traject convention
conventie viert viering jubileum opleiding vorig lopend depuis apres pendant durant dans tous toutes dernieres
derniers prochaines prochains collaboration projet experience existence duree fonctionnement plus anniversaire fete
premieres since after for during within every past last next first duration ago agreement running anniversary
partnership jaarlijks per minstens minimum termijn duurt dure
""")
# Ages in words; «elf» and «onze» are words of other meanings too.
AGES = {
    name: age
    for names in (
        "twaalf dertien veertien vijftien zestien zeventien achttien negentien",
        "douze treize quatorze quinze seize dix-sept dix-huit dix-neuf",
        "twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    )
    for age, name in enumerate(names.split(), start=12)
}
YEARS = _set("jaar j jr ans an year years yr yrs yo y jaren")
JUNCTIONS = _set("""
met die en in uit over bij zonder is heeft wil zit of op naar maar werd wordt woont volgt komt voor avec qui et dans
est a sans chez vit with who and from has without at living lives wants or for presenting dat
""")
RANGE = _set("tot - t/m tem à a / to until jusqu'a jusqu et en and ou or of")
BOUNDS = _set("""
vanaf onder boven + plus min jonger ouder dan moins partir over under above minstens maximum max > < ≥ ≤ - ca que
below than least
""")

STREETS = (
    "str",
    "straat",
    "straatje",
    "laan",
    "steenweg",
    "dreef",
    "kaai",
    "stwg",
    "straatweg",
    "gracht",
    "singel",
    "strt",
)
STREETS_CAPITAL = (
    "plein",
    "weg",
    "lei",
    "baan",
    "pad",
    "hof",
    "wegel",
    "vest",
    "gaarde",
    "park",
    "berg",
    "ln",
    "markt",
)
NOT_STREETS = _set("""
speelstraat leefstraat winkelstraat woonstraat onderweg speelplein dorpsplein stadspark kerstmarkt buurtpark
dorpspark werkplein weg pad park plein hof markt baan berg schoolplein rommelmarkt zorgstraat knuffelstraat afwezig
traject klimpark skatepark kermisplein stadsplein vakantiespeelplein jobmarkt infomarkt zorgpad leerpad doelpad
stappenpad marktplein aanweg terugweg uitweg straat laan toekomststraat fietsstraat jaarmarkt boerenmarkt zorgpark
domeinpark vlinderpad
""")
RUES = _set("""
rue avenue av chaussee chee boulevard bd blvd place quai clos impasse allee dreve square chemin sentier venelle
""")
ROADS = _set("street road avenue lane square drive court terrace st rd ave")
COUNTED = _set("""
jongeren kinderen deelnemers personen mensen uur u h min minuten gezinnen ouders leerlingen vrijwilligers bezoekers
aanwezigen dln pers buurtbewoners actoren artsen collega's sessies keer maal weken dagen bewoners euro activiteiten
groepen leerkrachten medewerkers km jaar hulpverleners senioren jeunes enfants participants personnes heures minutes
familles parents eleves benevoles visiteurs seances fois semaines jours euros adultes habitants children youngsters
people hours visitors families pupils volunteers sessions times weeks days adults teenagers residents professionals
professionnels intervenants tafels stands kramen dames heren meisjes jongens oudjes vrouwen mannen studenten
""")
ABBREVIATIONS = _set("""
nv bv bvba vzw asbl sa sprl srl ocmw cpas clb caw cgg ggz pv ps wc ehbo lgbt ism mbt tem dwz adhv adhd ass tv ok am
pm eu vs us uk usa un vn az uz ngo sos bbq dj cd dvd ldc wgc kp ko mdo mpo rvt wzc qa nb tav pj ivm tot cq bijv
inzake po id it hr kpko elp ao oa eg ie rsvp fg ca ivv wvt zgn
""")
NOT_INITIALS = _set(
    "kp ko ha mw wz iq ai tv eu vn pc az cm uz ed ok wc vs us uk hr it id po so lo bo ho eq en de in op"
)

DIAGNOSES = (
    "depress", "suicid", "zelfmoord", "borderline", "adhd", "autis", "psychos", "psychot", "schizo", "bipolai",
    "bipolar", "ptss", "ptsd", "anorex", "boulim", "bulim", "eetstoornis", "verslav", "addict", "dement",
    "automutil", "zelfverwond", "paniekstoornis", "angststoornis", "persoonlijkheidsstoornis", "trouble",
    "burn-out", "alcohol", "stoornis", "disorder", "self-harm", "misbruik", "abus", "incest", "verkracht",
)  # fmt: skip
INSTITUTIONS = _set("""
school basisschool college atheneum lyceum instituut internaat ziekenhuis kliniek wzc woonzorgcentrum ecole athenee
institut internat hopital clinique hospital kindergarten boarding-school creche residentie
""")
MONTHS = _set("""
jan januari janvier january feb februari fevrier february mrt maart mars march apr april avril mei mai may jun juni
juin june jul juli juillet july aug augustus aout august sep sept september septembre okt oktober octobre october
oct nov november novembre dec december decembre
""")
