// Hands over what the platform signed, once; then goes where the answer leads.
"use strict";
const said = document.getElementById("said");
const outside = document.getElementById("outside");
const platform = window.Telegram && window.Telegram.WebApp;
async function enter() {
  const framed = window.parent !== window;
  const body = new URLSearchParams({ init_data: platform ? platform.initData : "", framed: framed ? "1" : "" });
  try {
    const response = await fetch(said.dataset.address, { method: "POST", body, credentials: "same-origin" });
    const answer = await response.json();
    if (!response.ok) {
      said.textContent = answer.said;
    } else if (answer.outside) {
      outside.hidden = false;
      outside.querySelector("button").addEventListener("click", () => platform.openLink(answer.leads_to));
      outside.querySelector("button").focus();
    } else {
      window.location.replace(answer.leads_to);
    }
  } catch {
    said.textContent = said.dataset.failed;
  }
}
if (platform) platform.ready();
enter();
