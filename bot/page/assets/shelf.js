// The list of documents: which there are, which to ask, and the files that a person drops in.
"use strict";

window.quothShelf = function shelf({ props, server, make, say, changed }) {
  const untick = new Set(); // ticks of the documents not to ask
  let shelved = props.shelf; // what the index holds, as far as this page knows
  let mine = []; // what this visit brought
  let notes = []; // what became of the files that could not be read
  let busy = null; // what is being taken in, in words
  const visit = tabNumber();

  function tabNumber() {
    const key = "quoth-visit";
    let number = null;
    try {
      number = sessionStorage.getItem(key);
    } catch {
      // Where storage is off, a reload begins a new visit.
    }
    if (!/^[0-9a-f]{32}$/.test(number || "")) {
      const lot = crypto.getRandomValues(new Uint8Array(16));
      number = Array.from(lot, (byte) => byte.toString(16).padStart(2, "0")).join("");
      try {
        sessionStorage.setItem(key, number);
      } catch {
        // as above
      }
    }
    return number;
  }

  const entries = () => [...mine, ...shelved.documents];

  function asked() {
    return { without: entries().map((entry) => entry.tick).filter((tick) => untick.has(tick)), visit };
  }

  function row(entry, n, redraw) {
    const box = make("input", { type: "checkbox", id: "tick-" + n });
    box.checked = !untick.has(entry.tick);
    box.addEventListener("change", () => {
      if (box.checked) untick.delete(entry.tick);
      else untick.add(entry.tick);
      changed();
    });
    const label = make("label", { class: "unseen", for: box.id }, "Ask " + entry.title);
    const item = make("li", {}, box, label);
    const words = make("div", {});
    words.append(
      make("a", { href: "#" + entry.address, dir: "auto", class: "words" }, entry.title),
      make("span", { dir: "auto", class: "words" }, entry.facts),
    );
    item.append(words);
    if (entry.mine) {
      const remove = make("button", { type: "button", class: "remove" }, "Remove", make("span", { class: "unseen" }, " " + entry.title));
      remove.addEventListener("click", async () => {
        const answer = await fetch(`quoth/upload/${visit}/${entry.sha}`, { method: "DELETE" }).catch(() => null);
        if (answer && answer.ok) mine = await answer.json();
        say(answer && answer.ok ? "Removed" : "Not removed");
        redraw();
      });
      item.append(remove);
    }
    return item;
  }

  function ticks(redraw) {
    const all = make("button", { type: "button" }, "Tick all");
    const none = make("button", { type: "button" }, "Tick none");
    all.addEventListener("click", () => { untick.clear(); redraw(); changed(); });
    none.addEventListener("click", () => { for (const entry of entries()) untick.add(entry.tick); redraw(); changed(); });
    return make("div", { class: "ticks", role: "group", "aria-label": "Which documents to ask" }, make("span", {}, "Ask those that are ticked."), all, none);
  }

  function dropZone(redraw) {
    const input = make("input", { type: "file", id: "files", multiple: "", class: "unseen" });
    const megabytes = Math.round(props.uploads.bytes / 1024 / 1024);
    const zone = make(
      "div",
      { class: "drop" },
      input,
      make("label", { for: "files" }, "Drop files here, or choose them"),
      make("p", {}, `At most ${props.uploads.files} files of ${megabytes} MB. Only this tab can ask them; they are held in memory and forgotten when you remove them.`),
      make("p", { class: "progress", role: "status" }, busy || ""),
    );
    for (const note of notes) zone.append(make("p", { class: "wrong" }, note));
    input.addEventListener("change", () => take([...input.files], redraw));
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      take([...event.dataTransfer.files], redraw);
    });
    return zone;
  }

  // One after another: the server reads one at a time anyway, and progress stays legible.
  async function take(chosen, redraw) {
    notes = [];
    for (const [n, file] of chosen.entries()) {
      const which = chosen.length > 1 ? `${file.name} (${n + 1} of ${chosen.length})` : file.name;
      const reason = await send(file, (words) => {
        busy = `${which}: ${words}`;
        const line = document.querySelector("#quoth .drop .progress");
        if (line) line.textContent = busy;
      });
      if (reason) notes.push(`${file.name}: ${reason}`);
    }
    busy = null;
    say(notes.length ? notes.join(" ") : "Ready to be asked");
    redraw();
    changed();
  }

  function send(file, tell) {
    if (file.size > props.uploads.bytes) return Promise.resolve("too large");
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("POST", `quoth/upload/${visit}?name=${encodeURIComponent(file.name)}`);
      request.upload.addEventListener("progress", (event) => tell(`sending, ${Math.round((100 * event.loaded) / (event.total || 1))}%`));
      request.upload.addEventListener("load", () => tell("reading"));
      request.addEventListener("error", () => done("it could not be sent"));
      request.addEventListener("load", () => {
        let answer = null;
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          // not an answer of ours
        }
        if (request.status === 200 && Array.isArray(answer)) {
          mine = answer;
          done("");
        } else done((answer && answer.refused) || "it could not be taken");
      });
      request.send(file);
    });
  }

  function draw(container) {
    const redraw = () => container.isConnected && draw(container);
    const list = make("ul", { class: "documents" }, ...entries().map((entry, n) => row(entry, n, redraw)));
    container.replaceChildren(...(props.uploads ? [dropZone(redraw)] : []), ...(entries().length > 1 ? [ticks(redraw)] : []), list);
  }

  async function load() {
    if (!props.uploads) return;
    const answer = await fetch(`quoth/upload/${visit}`, { cache: "no-store" }).catch(() => null);
    if (answer && answer.ok) mine = await answer.json();
  }

  // The index may have been rebuilt since: whether there is another list now.
  async function renew() {
    const news = await server.list_documents({ generation: shelved.generation }).catch(() => null);
    if (!news) return false; // nothing new, or the server is gone
    shelved = news;
    changed();
    return true;
  }

  return { asked, draw, load, renew, visit, facts: () => shelved.facts, left: () => asked().without.length, count: () => entries().length };
};
