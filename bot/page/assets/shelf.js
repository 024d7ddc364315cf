// The list of documents: which there are, which to ask, and the files that a person drops in.
"use strict";

window.quothShelf = function shelf({ props, call, make, lot, say, changed, showing }) {
  const SEEK_FROM = 20; // from how many documents on a field to find one is worth its place
  let find = ""; // what is sought
  let shelved = { ...props.shelf, find }; // what the index holds of it, as far as this page knows and shows it
  let mine = []; // what this visit brought
  let notes = []; // what became of the files that could not be read
  let busy = null; // what is being taken in, in words
  let container = null; // where the list is shown
  // Which to ask: all but those in `but`, or none but those.
  let everything = true;
  const but = new Set();
  let visit = tabNumber();

  function tabNumber() {
    const key = "quoth-visit";
    try {
      const kept = sessionStorage.getItem(key);
      if (/^[0-9a-f]{32}$/.test(kept || "")) return kept;
      const number = lot();
      sessionStorage.setItem(key, number);
      return number;
    } catch {
      return lot(); // where storage is off, a reload begins a new visit
    }
  }

  const entries = () => [...mine, ...shelved.documents];
  const count = () => mine.length + shelved.count;
  const chosen = () => (everything ? count() - but.size : but.size);

  function asked() {
    return { visit, ticks: { all: everything, but: [...but] }, brought: mine.length };
  }

  // What can have the focus is called by its document, not by its place in the list: that changes.
  function row(entry) {
    const box = make("input", { type: "checkbox", id: "tick-" + entry.tick });
    box.checked = but.has(entry.tick) !== everything;
    box.addEventListener("change", () => {
      if (box.checked === everything) but.delete(entry.tick);
      else but.add(entry.tick);
      changed();
    });
    const label = make("label", { class: "unseen", for: box.id }, "Ask " + entry.title);
    const words = make("div", {});
    words.append(
      make("a", { id: "open-" + entry.tick, href: "#" + entry.address, "data-path": entry.path, dir: "auto", class: "words" }, entry.title),
      make("span", { dir: "auto", class: "words" }, entry.facts),
    );
    const item = make("li", {}, box, label, words);
    if (entry.mine) {
      const remove = make("button", { type: "button", class: "remove", id: "remove-" + entry.tick }, "Remove", make("span", { class: "unseen" }, " " + entry.title));
      remove.addEventListener("click", async () => {
        const done = await forgetFile(entry);
        say(done ? "Removed" : "Not removed");
        redraw();
        changed();
      });
      item.append(remove);
    }
    return item;
  }

  async function forgetFile(entry) {
    const answer = await fetch(`quoth/upload/${visit}/${entry.sha}`, { method: "DELETE" }).catch(() => null);
    if (!answer || !answer.ok) return false;
    await load();
    return true;
  }

  function tools() {
    const tick = (is) => {
      everything = is;
      but.clear();
      redraw();
      changed();
    };
    const all = make("button", { type: "button", id: "tick-all" }, "Tick all");
    const none = make("button", { type: "button", id: "tick-none" }, "Tick none");
    all.addEventListener("click", () => tick(true));
    none.addEventListener("click", () => tick(false));
    const group = make("div", { class: "ticks", role: "group", "aria-label": "Which documents to ask" }, make("span", {}, "Ask those that are ticked."), all, none);
    return shelved.count < SEEK_FROM && !find ? [group] : [group, field];
  }

  // One for good, so that who is typing goes on where they are when the list is drawn anew.
  const field = make("input", { type: "search", id: "find", dir: "auto", placeholder: "Find a document", "aria-label": "Find a document", autocomplete: "off" });
  field.addEventListener("input", async () => {
    find = field.value;
    if (!(await list())) return;
    changed();
    drawList();
  });

  function more() {
    const left = shelved.found - shelved.documents.length;
    if (left <= 0) return [];
    const button = make("button", { type: "button", class: "wider", id: "more" }, `Show more documents (${left} left)`);
    button.addEventListener("click", async () => {
      const { find, generation, documents } = shelved;
      const next = await call("list_documents", { find, start: documents.length });
      if (next.failure || shelved.documents !== documents) return; // another list is shown by now
      const held = document.activeElement && document.activeElement.id === "more";
      // An index that was rebuilt meanwhile counts otherwise: begin again.
      if (next.generation !== generation) await renew();
      else shelved = { ...next, find, documents: [...documents, ...next.documents] };
      drawList();
      const first = held && next.documents.length && document.getElementById("tick-" + next.documents[0].tick);
      if (first) first.focus();
    });
    return [button];
  }

  function dropZone() {
    const input = make("input", { type: "file", id: "files", multiple: "", class: "unseen" });
    const megabytes = Math.round(props.uploads.bytes / 1024 / 1024);
    const zone = make(
      "div",
      { class: "drop" },
      input,
      make("label", { for: "files" }, "Drop files here, or choose them"),
      make("p", {}, `At most ${props.uploads.files} files of ${megabytes} MB. Only this tab, and one opened from it, can ask them; they are held in memory and forgotten when you remove them.`),
      make("p", { class: "progress", role: "status" }, busy || ""),
    );
    for (const note of notes) zone.append(make("p", { class: "wrong" }, note));
    input.addEventListener("change", () => take([...input.files]));
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      take([...event.dataTransfer.files]);
    });
    return zone;
  }

  // A file that is dropped beside the place for it must not make the browser leave the page.
  if (props.uploads) for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());

  // One after another: the server reads one at a time anyway, and progress stays legible.
  let taking = Promise.resolve();
  function take(files) {
    taking = taking.then(() => takeAll(files)).catch(() => null);
  }

  async function takeAll(files) {
    notes = [];
    for (const [n, file] of files.entries()) {
      const which = files.length > 1 ? `${file.name} (${n + 1} of ${files.length})` : file.name;
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
      request.upload.addEventListener("load", () => {
        tell("reading");
        watching = setInterval(watch, 1000);
      });
      let watching = null;
      const watch = async () => {
        const answer = await fetch(`quoth/upload/${visit}/progress`, { cache: "no-store" }).catch(() => null);
        const share = answer && answer.ok ? await answer.json() : null;
        if (share !== null && watching) tell(`reading, ${Math.round(100 * share)}%`);
      };
      request.addEventListener("loadend", () => {
        clearInterval(watching);
        watching = null;
      });
      request.addEventListener("error", () => done("it could not be sent"));
      request.addEventListener("load", async () => {
        let answer = null;
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          // not an answer of ours
        }
        if (request.status === 200 && answer) {
          await load();
          notes.push(...answer.left_out);
          done("");
        } else done((answer && answer.refused) || "it could not be taken");
      });
      request.send(file);
    });
  }

  // What this visit has now. Who brings a file wants to ask it, whatever else is ticked; the tick of one that is gone goes.
  function received(list) {
    const [known, now] = [mine, list].map((entries) => new Set(entries.map((entry) => entry.tick)));
    for (const tick of known) if (!now.has(tick)) but.delete(tick);
    if (!everything) for (const tick of now) if (!known.has(tick)) but.add(tick);
    mine = list;
  }

  function draw(into) {
    container = into;
    redraw();
  }

  // Nothing is drawn over a source that was opened meanwhile; what has the focus keeps it.
  function keepingFocus(redraw) {
    if (!container || !showing()) return;
    const held = document.activeElement;
    const inside = container.contains(held);
    redraw();
    if (!inside) return;
    const again = document.getElementById(held.id) || (held.id && document.getElementById("files"));
    (again || container.closest("[tabindex]")).focus({ preventScroll: true });
  }

  const listed = () => [make("ul", { class: "documents" }, ...entries().map(row)), ...more()];

  function redraw() {
    const parts = () => [...(props.uploads ? [dropZone()] : []), ...(count() > 1 ? tools() : []), make("div", { id: "list" }, ...listed())];
    keepingFocus(() => container.replaceChildren(...parts()));
  }

  function drawList() {
    keepingFocus(() => container.querySelector("#list").replaceChildren(...listed()));
  }

  // What this visit brought, after a change, a reload, or where the server may have let go of it: whether that is another
  // list. Of lists that overtake each other the one that was asked for last is right: it holds what came before it.
  let asks = 0;
  async function load() {
    if (!props.uploads) return false;
    const ask = ++asks;
    const answer = await fetch(`quoth/upload/${visit}`, { cache: "no-store" }).catch(() => null);
    const list = answer && answer.ok ? await answer.json().catch(() => null) : null;
    if (!list || ask !== asks) return false;
    const before = mine.map((entry) => entry.sha).join();
    received(list);
    return before !== mine.map((entry) => entry.sha).join();
  }

  // What the index holds now of what is sought now: whether that is another list. As above, the one that was asked for
  // last is right.
  let listings = 0;
  async function list() {
    const listing = ++listings;
    const sought = find;
    const { ticks } = asked();
    const news = await call("list_documents", { find: sought, ticks });
    if (news.failure || listing !== listings) return false;
    const same = sought === shelved.find;
    if (same && news.generation === shelved.generation) return false;
    shelved = { ...news, find: sought };
    if (!same) say(news.found === 1 ? "1 document found" : `${news.found} documents found`);
    // The tick of a document that is gone goes; the server does not know of those that were changed meanwhile.
    const still = new Set([...news.but, ...mine.map((entry) => entry.tick)]);
    for (const tick of ticks.but) if (!still.has(tick)) but.delete(tick);
    return true;
  }

  // The index may have been rebuilt since, and the files let go of: whether there is something else to show.
  async function renew() {
    const files = mine.length > 0 && (await load());
    const news = (await list()) || files;
    if (news) changed();
    return news;
  }

  // Who signs out leaves nothing behind.
  async function forget() {
    for (const entry of mine.slice()) await forgetFile(entry);
    try {
      sessionStorage.removeItem("quoth-visit");
    } catch {
      // nothing was stored
    }
    visit = lot();
  }

  return { asked, draw, load, renew, forget, visit: () => visit, owner: (sha) => (mine.some((entry) => entry.sha === sha) ? visit : ""), facts: () => shelved.facts + (mine.length ? `, and ${mine.length} of yours` : ""), chosen, count };
};
