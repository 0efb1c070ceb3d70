// Fields follow the answers without a press, what went wrong is read first, and the browser's own Back and Reload show a page instead
// of a question whether to send a form again. Everything works without this.
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
const whole = document.querySelector("form.whole");
if (document.querySelector("header nav")) history.replaceState(null, "", whole ? whole.action : location.href);
const wrong = document.getElementById("wrong") || document.getElementById("before");
const at = sessionStorage.getItem("at");
sessionStorage.removeItem("at");
if (wrong) wrong.focus();
else if (at && document.getElementById(at)) document.getElementById(at).focus();
