// Tells whoever looks at a list what has come since, and puts it in when they ask. Without this the page is complete as it is.
const area = document.querySelector("[data-live]");
const most = 200;
let waiting = [];
let source = null;
let last = null;
let retry = 0;

// Two elements: a status that is announced, and a button that is not announced again each time its number changes.
const box = document.createElement("div");
box.className = "live";
const status = document.createElement("p");
status.className = "hidden";
status.setAttribute("role", "status");
const button = document.createElement("button");
button.type = "button";
button.hidden = true;
box.append(status, button);
area.prepend(box);

function say(many = "Many new notices: load the page anew") {
  const text = waiting === null ? many
    : waiting.length === 1 ? "1 new notice" : waiting.length + " new notices";
  button.textContent = text;
  status.textContent = text;
  button.hidden = false;
}

function add(event) {
  last = event.lastEventId;
  const { id, html } = JSON.parse(event.data);
  // One may come twice, as when it stood at the top of the page already.
  if (!html || waiting === null || document.getElementById("notice-" + id) || waiting.some((notice) => notice.id === id)) return;
  waiting.push({ id, html });
  if (waiting.length > most) waiting = null;
  say();
}

function tooMany(event) {
  last = event.lastEventId;
  waiting = null;
  say();
}

// What happened stands in more forms than a notice does, and loading it anew is cheap.
function tell(event) {
  last = event.lastEventId;
  waiting = null;
  say("New notifications: load the page anew");
}

button.addEventListener("click", () => {
  if (waiting === null) {
    location.reload();
    return;
  }
  let list = area.querySelector("ol.notices");
  if (!list) {
    list = document.createElement("ol");
    list.className = "notices";
    area.querySelector(".empty")?.remove();
    box.after(list);
  }
  let newest = null;
  for (const { html } of waiting) {
    // The node has encoded what people wrote, as on its pages; scripts that come in this way are not run.
    const template = document.createElement("template");
    template.innerHTML = html;
    newest = template.content.querySelector("li");
    list.prepend(newest);
  }
  waiting = [];
  button.hidden = true;
  status.textContent = "";
  // Whoever uses the keyboard goes on at the newest one.
  const notice = newest.querySelector("article");
  notice.tabIndex = -1;
  notice.focus();
});

function open() {
  if (source || document.hidden) return;
  const address = new URL(area.dataset.live, location.href);
  if (last) address.searchParams.set("after", last);
  source = new EventSource(address);
  source.addEventListener("notice", add);
  source.addEventListener("notification", tell);
  source.addEventListener("reload", tooMany);
  source.onopen = () => { retry = 0; };
  source.onerror = () => {
    // A broken stream is opened again by the browser; one that was refused is not.
    if (source.readyState !== EventSource.CLOSED) return;
    close();
    retry = Math.min(retry + 1, 5);
    setTimeout(open, retry * 60000 * (0.5 + Math.random()));
  };
}

function close() {
  source?.close();
  source = null;
}

// Browsers open six connections to a site and no more, so a page that nobody sees gives its own back.
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", open);
open();
