// Fields follow the answers without a press, what went wrong or what the rules say is read first, and the browser's own Back and Reload
// show a page instead of a question whether to send a form again. Everything works without this.
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
const posted = location.hash === "#outcome";
if (document.querySelector("header nav")) history.replaceState(null, "", (whole ? whole.action : location.href).replace("#outcome", ""));
const wrong = document.getElementById("wrong") || document.getElementById("before");
const outcome = document.getElementById("outcome");
const at = sessionStorage.getItem("at");
sessionStorage.removeItem("at");
if (wrong) wrong.focus();
else if (at && document.getElementById(at)) document.getElementById(at).focus();
else if (posted && outcome) {
  outcome.focus({ preventScroll: true });
  outcome.scrollIntoView();
}
