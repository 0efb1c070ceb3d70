// Fields follow the answers without a press, and what went wrong is read first. Everything works without this.
"use strict";
for (const form of document.querySelectorAll("form.whole")) {
  form.addEventListener("change", (event) => {
    if (!event.target.matches("[data-follow]")) return;
    sessionStorage.setItem("at", event.target.id);
    const follow = document.createElement("input");
    follow.type = "hidden";
    follow.name = "do";
    follow.value = "follow";
    form.append(follow);
    form.submit();
  });
}
const wrong = document.getElementById("wrong");
const at = sessionStorage.getItem("at");
sessionStorage.removeItem("at");
if (wrong) wrong.focus();
else if (at && document.getElementById(at)) document.getElementById(at).focus();
