// The behaviour of the page. The server cuts every text; here pieces are only put one after another, as text nodes.
// The one HTML that is inserted is a turn of the conversation, which the server has escaped (transcript.py).
"use strict";

window.quoth = function start({ element, props, server }) {
  const $ = (id) => element.querySelector("#" + id);
  const log = $("log");
  const talk = $("talk-scroll");
  const question = $("question");
  const pane = $("source-scroll");
  const text = $("source-text");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  let waiting = null; // the turn that is being answered
  let asked = 0; // counts the questions of this tab
  let conversation = lot(); // what the server knows this conversation by
  let opened = null; // what the source panel shows, as it was asked for
  let origin = null; // the link that opened it

  const first = document.getElementById("first");
  if (first) first.remove();

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // A number that nobody guesses.
  function lot() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Asks the server for something -> its reply, or `failure`: why there is none.
  async function call(name, sent) {
    // Gradio gives nothing, and no reason, where the server is gone or the visit is over.
    const reply = await server[name](sent).catch(() => null);
    return reply || { failure: await diagnose() };
  }

  // Something small that only who is signed in may have is asked for.
  async function diagnose() {
    try {
      const probe = await fetch("gradio_api/app_id", { cache: "no-store" });
      if (probe.status === 401) return "signed_out";
      const { app_id } = await probe.json();
      return app_id === window.gradio_config.app_id ? "busy" : "restarted";
    } catch {
      return "gone";
    }
  }

  // How many documents are asked stands where the question is typed: a forgotten tick must not look like a refusal.
  const shelf = window.quothShelf({
    props,
    call,
    make,
    lot,
    say,
    showing: () => !opened,
    changed: () => {
      const [some, all] = [shelf.chosen(), shelf.count()];
      question.placeholder = some < all ? `Ask ${some} of ${all} documents` : "Ask the documents";
      if (!opened) $("source-facts").textContent = shelf.facts();
    },
  });

  function bring(node, block) {
    node.scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });
  }

  function say(words) {
    $("announce").textContent = words;
  }

  // ---- Asking

  async function ask(words) {
    if (waiting || !words.trim()) {
      question.focus();
      return;
    }
    asked += 1;
    const number = asked;
    const turn = make(
      "section",
      { class: "turn", "aria-busy": "true" },
      make("h3", { class: "asked" }, make("span", { class: "lead" }, "You asked"), " ", make("span", { class: "words", dir: "auto" }, words)),
      make("div", { class: "card waiting" }, "Searching the documents"),
    );
    waiting = turn;
    welcome(false);
    tell("");
    log.append(turn);
    // The button that was pressed is about to hide; on a phone the question would call the keyboard.
    if (!question.matches(":focus")) {
      if (matchMedia("(pointer: coarse)").matches) hold(turn);
      else question.focus({ preventScroll: true });
    }
    busy(true);
    question.value = "";
    bring(turn, "start");
    const answer = await call("ask_question", { question: words, number, conversation, shown: shown(), ...shelf.asked() });
    if (waiting !== turn) return; // it was stopped
    if (answer.failure) fail(answer.failure);
    else settle(answer);
  }

  // The numbers of the turns that count: a stopped one has none, and the server leaves out what is not named.
  function shown({ lost = false } = {}) {
    const turns = [...log.querySelectorAll(".turn[data-number]")];
    return turns.filter((turn) => lost || !turn.hasAttribute("data-lost")).map((turn) => Number(turn.dataset.number));
  }

  function welcome(is) {
    $("welcome").hidden = !is;
    $("talk-title").hidden = is;
  }

  function tell(words) {
    $("notice").textContent = words;
  }

  function busy(is) {
    const held = $("stop").matches(":focus"); // is about to hide
    $("send").hidden = is;
    $("stop").hidden = !is;
    $("save").disabled = is || !shown({ lost: true }).length;
    $("clear").disabled = is || !log.childElementCount;
    log.setAttribute("aria-busy", String(is));
    if (held && !is) question.focus({ preventScroll: true });
  }

  // Whoever has gone elsewhere before a reply comes, to type perhaps, is not called back by it.
  function focusStays() {
    const before = document.activeElement;
    return () => [before, document.body].includes(document.activeElement);
  }

  // Focus must not fall to nowhere when what has it is replaced or hides.
  function hold(node) {
    node.tabIndex = -1;
    node.focus({ preventScroll: true });
  }

  function settle(answer) {
    const turn = document.createElement("template");
    turn.innerHTML = answer.html;
    const node = turn.content.firstElementChild;
    const held = waiting.contains(document.activeElement);
    waiting.replaceWith(node);
    if (held) hold(node);
    waiting = null;
    // The turn has told so; once is enough.
    for (const number of answer.lost) log.querySelector(`.turn[data-number="${number}"]`).setAttribute("data-lost", "");
    busy(false);
    remember(true);
    bring(node, "start");
    renew();
  }

  // A turn that gets no answer: what it shows instead of one, and which no later question follows.
  function end(card) {
    waiting.lastElementChild.replaceWith(card);
    waiting.removeAttribute("aria-busy");
    waiting = null;
    busy(false);
  }

  function stop() {
    if (!waiting) return;
    end(make("div", { class: "card refusal" }, make("p", { class: "verdict" }, "Stopped.")));
    question.focus();
  }

  function fail(failure) {
    const [verdict, why] = props.failures[failure];
    end(make("article", { class: "card error", "aria-label": "Error" }, make("p", { class: "verdict" }, verdict), make("p", { class: "why" }, why)));
  }

  async function clear() {
    const old = conversation;
    conversation = lot();
    log.replaceChildren();
    welcome(true);
    tell("");
    remember(false);
    busy(false);
    history.replaceState(null, "", location.pathname + location.search);
    documents();
    question.focus();
    say("Cleared");
    const { failure } = await call("forget_conversation", { conversation: old });
    if (failure) tell(props.failures[failure].join(" "));
  }

  async function save() {
    const file = await call("save_conversation", { conversation, shown: shown({ lost: true }) });
    if (file.failure) {
      tell(props.failures[file.failure].join(" "));
      return;
    }
    tell("");
    const url = URL.createObjectURL(new Blob([file.text], { type: "text/markdown;charset=utf-8" }));
    make("a", { href: url, download: file.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
    say("Saved");
  }

  // Whether this tab has a conversation that a reload would lose; what was asked is written down nowhere.
  function remember(is) {
    try {
      if (is) sessionStorage.setItem("quoth", "asked");
      else sessionStorage.removeItem("quoth");
    } catch {
      // A browser that stores nothing; then the reload goes unmentioned.
    }
  }

  function remembered() {
    try {
      return sessionStorage.getItem("quoth") !== null;
    } catch {
      return false;
    }
  }

  $("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    ask(question.value);
  });
  $("stop").addEventListener("click", stop);
  $("leave").hidden = !props.signed_in;
  $("leave").addEventListener("click", async () => {
    await Promise.all([call("forget_conversation", { conversation }), shelf.forget()]);
    await fetch("logout", { method: "POST" }).catch(() => null);
    remember(false);
    location.assign(location.pathname);
  });
  $("clear").addEventListener("click", clear);
  $("save").addEventListener("click", save);

  // ---- The last report, in the place of the conversation; the server has escaped it (accuracy.py)

  let views = 0;
  async function accuracy(is) {
    const view = ++views;
    $("accuracy").setAttribute("aria-pressed", String(is));
    $("talk").hidden = is;
    $("accuracy-view").hidden = !is;
    if (origin && origin.closest("#accuracy-view")) {
      origin = null; // the view is drawn anew when it is next shown
      $("back").hidden = true;
    }
    if (!is) return;
    const still = focusStays();
    const { html, failure } = await call("show_accuracy", {});
    if (view !== views) return; // it was closed, or opened again
    if (failure) $("accuracy-scroll").textContent = props.failures[failure].join(" ");
    else $("accuracy-scroll").innerHTML = html;
    if (still()) $("accuracy-scroll").focus({ preventScroll: true });
  }
  $("accuracy").addEventListener("click", () => accuracy($("accuracy-view").hidden));

  // ---- Copying

  async function copy(button) {
    const words = button.dataset.copy;
    let done = false;
    try {
      await navigator.clipboard.writeText(words);
      done = true;
    } catch {
      // Without https, only localhost has the clipboard; this older way works everywhere.
      const field = make("textarea", { class: "unseen", "aria-hidden": "true", tabindex: "-1" });
      field.value = words;
      element.append(field);
      field.select();
      done = document.execCommand("copy");
      field.remove();
      button.focus();
    }
    const label = "Copy with citation";
    button.textContent = done ? "Copied" : "Not copied";
    say(button.textContent);
    setTimeout(() => (button.textContent = label), 1600);
  }

  // ---- The source

  function askedPlace(link) {
    const { answer = "", context = "", path = "" } = link.dataset;
    return { address: link.getAttribute("href"), answer, context, path };
  }

  async function open(place, { from = null, push = true } = {}) {
    opened = place;
    origin = from;
    if (push) {
      // So that the way back through the browser's history finds what the address does not hold.
      const step = { answer: place.answer, context: place.context, path: place.path, link: from ? from.id : "" };
      if (location.hash === place.address) history.replaceState(step, "");
      else history.pushState(step, "", place.address);
    }
    mark();
    const still = focusStays();
    const found = await call("open_source", { ...place, visit: shelf.visit() });
    await loaded;
    if (opened !== place) return;
    const calls = still();
    $("source-tools").hidden = false;
    const answers = links();
    $("previous").hidden = $("next").hidden = answers.length < 2;
    $("back").hidden = !from;
    $("back").textContent = from && from.closest("#accuracy-view") ? "Back to the report" : "Back to the answer";
    text.replaceChildren();
    if (!found.found) {
      $("source-title").textContent = "Source";
      $("source-facts").textContent = "";
      $("source-message").textContent = found.failure ? props.failures[found.failure].join(" ") : found.message;
      bring($("source-head"), "nearest");
      return;
    }
    $("source-message").textContent = "";
    $("source-title").textContent = found.title;
    $("source-facts").textContent = found.facts;
    const pages = window.quothPictures(found, shelf.owner(found.sha), make);
    text.append(...pages, ...(pages.length ? [make("p", { class: "below" }, "The text taken from it")] : []), ...found.blocks.map(block));
    wider("before", found, place);
    wider("after", found, place);
    const shown = text.querySelector(".inq");
    if (shown) {
      shown.tabIndex = -1;
      if (calls) shown.focus({ preventScroll: true });
      // Opening is a jump, not a journey: a smooth scroll through a long document helps nobody.
      (text.querySelector(".box.on-quote, .box.on-answer") || shown).scrollIntoView({ block: "center" });
    } else {
      pane.scrollTop = 0;
      bring($("source-head"), "nearest");
      if (calls) pane.focus({ preventScroll: true });
    }
  }

  function block(piece) {
    const heading = piece.kind === "heading";
    const node = make(heading ? "h" + piece.level : "p", { dir: "auto" });
    if (!heading) node.dataset.number = piece.number;
    let quote = null;
    for (const [words, kind] of piece.pieces) {
      if (kind === "quote" || kind === "answer") {
        if (!quote) node.append((quote = make("span", { class: "inq" })));
        quote.append(kind === "answer" ? make("mark", {}, words) : document.createTextNode(words));
      } else {
        quote = null;
        node.append(kind === "context" ? make("span", { class: "incontext" }, words) : document.createTextNode(words));
      }
    }
    return node;
  }

  function wider(side, found, place) {
    if (found[side] === null) return;
    const button = make("button", { type: "button", class: "wider" }, side === "before" ? "Show earlier text" : "Show later text");
    button.addEventListener("click", async () => {
      const more = await call("more_source", { ...place, visit: shelf.visit(), sha: found.sha, [side]: found[side] });
      if (!more.found || !button.isConnected) return; // something else is shown, or this was pressed twice
      const held = button.matches(":focus");
      const blocks = more.blocks.map(block);
      const height = pane.scrollHeight;
      const at = pane.scrollTop;
      if (side === "before") button.after(...blocks);
      else button.before(...blocks);
      button.remove();
      wider(side, { ...found, [side]: more[side] }, place);
      if (side === "before") pane.scrollTop = at + pane.scrollHeight - height;
      if (held && blocks.length) {
        const next = side === "before" ? blocks[blocks.length - 1] : blocks[0];
        next.tabIndex = -1;
        next.focus({ preventScroll: true });
      }
    });
    if (side === "before") text.prepend(button);
    else text.append(button);
  }

  function documents() {
    opened = null;
    origin = null;
    mark();
    $("source-title").textContent = "Documents";
    $("source-facts").textContent = shelf.facts();
    $("source-message").textContent = "";
    $("source-tools").hidden = true;
    shelf.draw(text);
    renew();
  }

  // The list follows the index, which may be rebuilt at any time.
  async function renew() {
    if ((await shelf.renew()) && !opened) documents();
  }

  function links() {
    if (!origin) return [];
    const turn = origin.closest(".turn");
    return turn ? [...turn.querySelectorAll("article > .cite a")] : [];
  }

  function mark() {
    for (const link of element.querySelectorAll("a[aria-current]")) link.removeAttribute("aria-current");
    if (origin) origin.setAttribute("aria-current", "true");
  }

  function step(by) {
    const all = links();
    const at = origin ? all.indexOf(origin.closest("article").querySelector(".cite a")) : -1; // of "Also in", its quote
    if (at < 0 || all.length < 2) return;
    const link = all[(at + by + all.length) % all.length];
    open(askedPlace(link), { from: link });
  }

  function back() {
    if (!origin) return;
    if ($("talk").contains(origin)) accuracy(false);
    for (let fold = origin.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    origin.scrollIntoView({ block: "center" });
    origin.focus({ preventScroll: true });
  }

  $("next").addEventListener("click", () => step(1));
  $("previous").addEventListener("click", () => step(-1));
  $("back").addEventListener("click", back);
  $("all").addEventListener("click", () => {
    history.pushState(null, "", location.pathname + location.search);
    documents();
    pane.focus({ preventScroll: true });
  });

  // Letters are shortcuts only where nothing is typed: in the source, and on a citation.
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = event.target;
    if (event.key === "Escape" && waiting) {
      stop();
    } else if (here.closest("#source") || here.matches(".cite a")) {
      if (event.key === "n") step(1);
      else if (event.key === "p") step(-1);
      else if (event.key === "Escape") back();
      else return;
      event.preventDefault();
    }
  });

  element.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
    const example = event.target.closest("#examples button");
    if (example) ask(example.textContent);
    const link = event.target.closest("a[href^='#cite:']");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      open(askedPlace(link), { from: link.closest(".turn, #accuracy-view") ? link : null });
    }
    const skip = event.target.closest("a.skip");
    if (skip) {
      event.preventDefault();
      if ($("talk").hidden) accuracy(false);
      question.focus();
    }
  });

  function follow() {
    if (!location.hash.startsWith("#cite:")) {
      documents();
      return;
    }
    const { answer = "", context = "", path = "", link = "" } = history.state || {};
    const found = document.getElementById(link); // after a reload or clearing it is gone, or another one
    const from = found && found.getAttribute("href") === location.hash ? found : null;
    open({ address: location.hash, answer, context, path }, { from, push: false });
  }
  window.addEventListener("popstate", follow);

  call("list_examples", {}).then((chosen) => {
    const examples = chosen.failure ? [] : chosen;
    for (const example of examples) $("examples").append(make("li", {}, make("button", { type: "button", dir: "auto" }, example)));
    $("examples").hidden = !examples.length;
  });
  const loaded = shelf.load();
  loaded.then((more) => more && !opened && documents());
  follow();
  if (remembered()) tell(props.forgotten);
  remember(false);
  if (!location.hash && window.matchMedia("(min-width: 761px)").matches) question.focus({ preventScroll: true });
};
