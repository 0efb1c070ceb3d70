// Hands over what the platform signed, once; then goes where the answer leads.
"use strict";
const said = document.getElementById("said");
const outside = document.getElementById("outside");
const home = document.getElementById("home");
const platform = window.Telegram && window.Telegram.WebApp;
const framed = window.parent !== window;
// Only the platform's own window has one of these. An address can claim any platform and bring what was signed for somebody else.
const within = Boolean(window.TelegramWebviewProxy) || Boolean(window.external && "notify" in window.external);
async function enter() {
  const body = new URLSearchParams({ init_data: platform ? platform.initData : "", by_link: framed || !within ? "1" : "" });
  try {
    const response = await fetch(said.dataset.address, { method: "POST", body, credentials: "same-origin" });
    const answer = await response.json();
    if (!response.ok) {
      said.textContent = answer.said;
      home.hidden = !answer.signed_in;
    } else if (answer.is_link && framed) {
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
