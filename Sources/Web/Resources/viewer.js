// Stacks of two studies beside each other. Pictures come rendered from this server's own DICOMweb (PS3.18 10.4.1.1.3), so that
// windows are applied to stored values and every Transfer Syntax the server decodes is shown. Nothing here is for diagnosis.

const CACHE_LIMIT = 80;        // pictures a pane keeps
const AHEAD = 4;               // neighbours fetched beforehand, each way
const PIXELS_PER_STEP = 40;    // of the wheel
const VIEWPORT_LIMIT = 4096;   // what the server draws at most
const ZOOM = { min: 0.2, max: 12 };

const tag = (attributes, number) => attributes?.[number]?.Value;
const numbers = (attributes, number) => (tag(attributes, number) ?? []).map(Number).filter(Number.isFinite);

class Fault extends Error {}

async function json(path, signal) {
  const response = await fetch(path, { signal, headers: { Accept: "application/dicom+json" } });
  if (response.status === 204) return [];
  if (!response.ok) throw new Fault(await reason(response));
  return response.json();
}

async function reason(response) {
  try {
    const problem = await response.json();
    return `${response.status} ${problem.detail ?? problem.title ?? ""}`.trim();
  } catch {
    return String(response.status);
  }
}

// Left, right, up and down of a picture in the letters of PS3.3 C.7.6.1.1.1.
function orientation(attributes) {
  const cosines = numbers(attributes, "00200037");
  if (cosines.length === 6) {
    return { right: letters(cosines.slice(0, 3)), down: letters(cosines.slice(3)) };
  }
  const patient = tag(attributes, "00200020") ?? [];
  return { right: patient[0] ?? "", down: patient[1] ?? "" };
}

function letters(direction) {
  const axes = [["R", "L"], ["A", "P"], ["F", "H"]];
  return direction.map((part, axis) => [Math.abs(part), axes[axis][part > 0 ? 1 : 0]])
    .filter(([size]) => size > 0.25).sort((one, other) => other[0] - one[0]).map(([, letter]) => letter).join("");
}

function opposite(name) {
  const pairs = { R: "L", L: "R", A: "P", P: "A", F: "H", H: "F" };
  return [...name].map((letter) => pairs[letter] ?? letter).join("");
}

class Pane {
  constructor(section, viewer) {
    this.section = section;
    this.viewer = viewer;
    this.words = section.dataset;
    this.stage = section.querySelector('[data-mark="stage"]');
    this.canvas = section.querySelector('[data-mark="canvas"]');
    this.choice = section.querySelector('[data-mark="series"]');
    this.part = (mark) => section.querySelector(`[data-mark="${mark}"]`);
    this.root = `/dicomweb/studies/${section.dataset.study}`;
    this.cache = new Map();
    this.attributes = new Map();
    this.stack = [];
    this.index = 0;
    this.window = null;
    this.resetView();
    this.choice.addEventListener("change", () => this.open(this.choice.value));
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.stage);
    this.resize();
  }

  // MARK: The stack

  async open(series) {
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.series = series;
    this.stack = [];
    this.index = 0;
    this.window = null;
    this.isBusy = false;
    this.bitmap = null;
    this.forget();
    this.resetView();
    this.say(this.words.loading, "loading");
    this.draw();
    try {
      const found = await json(`${this.root}/series/${series}/instances?includefield=00280008`, signal);
      for (const attributes of found) {
        const rows = numbers(attributes, "00280010")[0];
        if (!rows) continue;
        const frames = numbers(attributes, "00280008")[0] ?? 1;
        const uid = tag(attributes, "00080018")?.[0];
        for (let frame = 1; frame <= frames; frame += 1) {
          this.stack.push({
            uid, frame, frames, number: numbers(attributes, "00200013")[0], rows, columns: numbers(attributes, "00280011")[0],
          });
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      this.say(`${this.words.failed}: ${error.message}`, "failed");
      return;
    }
    if (signal.aborted) return;
    this.stack.sort((one, other) => (one.number ?? 0) - (other.number ?? 0) || one.frame - other.frame);
    if (this.stack.length === 0) { this.say(this.words.empty, "empty"); return; }
    this.index = Math.floor((this.stack.length - 1) / 2);
    this.show();
  }

  go(index, isLinked = true) {
    if (this.stack.length === 0) return;
    const next = Math.min(this.stack.length - 1, Math.max(0, index));
    if (next === this.index) return;
    this.index = next;
    this.show();
    if (isLinked) this.viewer.follow(this);
  }

  step(count) { this.go(this.index + count); }

  get fraction() { return this.stack.length < 2 ? 0.5 : this.index / (this.stack.length - 1); }

  goTo(fraction) { this.go(Math.round(fraction * (this.stack.length - 1)), false); }

  // MARK: Pictures

  path(place, window = this.window) {
    const query = new URLSearchParams({ accept: "image/jpeg", quality: "92" });
    const scale = this.pixelRatio * Math.max(1, Math.min(this.zoom, 3));
    const side = (length, most) => Math.max(64, Math.min(VIEWPORT_LIMIT, most || VIEWPORT_LIMIT, Math.ceil(length * scale / 64) * 64));
    query.set("viewport", `${side(this.stage.clientWidth, place.columns)},${side(this.stage.clientHeight, place.rows)}`);
    if (window) query.set("window", `${round(window.center)},${round(window.width)},linear`);
    return `${this.root}/series/${this.series}/instances/${place.uid}/frames/${place.frame}/rendered?${query}`;
  }

  // One picture is asked for at a time; what was wished for meanwhile is looked at when it came, and only the last counts.
  async show() {
    const place = this.stack[this.index];
    if (!place) return;
    this.tell(place);
    const path = this.path(place);
    const kept = this.cache.get(path);
    if (kept) { this.present(kept, path); this.ahead(); return; }
    if (this.isBusy) return;
    this.isBusy = true;
    this.stage.dataset.state = "loading";
    const { signal } = this.abort;
    try {
      const bitmap = await this.fetch(path, signal);
      if (signal.aborted) return;
      this.isBusy = false;
      if (this.isWanted(path)) { this.present(bitmap, path); this.ahead(); } else { this.show(); }
    } catch (error) {
      if (signal.aborted) return;
      this.isBusy = false;
      if (!this.isWanted(path)) { this.show(); return; }
      this.bitmap = null;
      this.draw();
      this.say(`${this.words.failed}: ${error.message}`, "failed");
    }
  }

  isWanted(path) { return path === this.path(this.stack[this.index]); }

  async fetch(path, signal) {
    const response = await fetch(path, { signal });
    if (!response.ok) throw new Fault(await reason(response));
    const bitmap = await createImageBitmap(await response.blob());
    if (signal.aborted) return bitmap;
    this.cache.set(path, bitmap);
    for (const old of this.cache.keys()) {
      if (this.cache.size <= CACHE_LIMIT) break;
      if (this.cache.get(old) === this.bitmap) continue;
      this.cache.get(old).close();
      this.cache.delete(old);
    }
    return bitmap;
  }

  forget() {
    for (const bitmap of this.cache.values()) bitmap.close();
    this.cache.clear();
  }

  // Neighbours, nearest first, while nothing else is asked for.
  async ahead() {
    const { signal } = this.abort;
    const round = (this.rounds = (this.rounds ?? 0) + 1);
    for (let distance = 1; distance <= AHEAD; distance += 1) {
      for (const index of [this.index + distance, this.index - distance]) {
        const place = this.stack[index];
        if (!place) continue;
        const path = this.path(place);
        if (this.cache.has(path)) continue;
        try { await this.fetch(path, signal); } catch { if (signal.aborted) return; }
        if (this.isBusy || this.rounds !== round || signal.aborted) return;
      }
    }
  }

  present(bitmap, path) {
    this.bitmap = bitmap;
    this.draw();
    this.say("", "shown");
    this.stage.dataset.shown = path;
  }

  // MARK: What is written beside it

  async tell(place) {
    const at = `${this.words.image} ${this.index + 1}/${this.stack.length}`;
    this.part("place").textContent = place.frames > 1 ? `${at} · ${this.words.frame} ${place.frame}/${place.frames}` : at;
    this.stage.dataset.index = String(this.index);
    this.stage.dataset.count = String(this.stack.length);
    this.tellWindow();
    const { signal } = this.abort;
    if (!this.attributes.has(place.uid)) {
      try {
        const [attributes] = await json(`${this.root}/series/${this.series}/instances/${place.uid}/metadata`, signal);
        this.attributes.set(place.uid, attributes ?? {});
      } catch {
        if (signal.aborted) return;
        this.attributes.set(place.uid, {});
      }
    }
    if (this.stack[this.index]?.uid !== place.uid) return;
    const { right, down } = orientation(this.attributes.get(place.uid));
    for (const [mark, text] of [["right", right], ["left", opposite(right)], ["down", down], ["up", opposite(down)]]) {
      this.part(mark).textContent = text;
    }
    this.tellWindow();
  }

  tellWindow() {
    const window = this.window ?? this.ownWindow;
    this.part("window").textContent = window ? `${this.words.window} ${round(window.width)} / ${round(window.center)}` : "";
    this.stage.dataset.window = this.window ? `${round(this.window.center)},${round(this.window.width)}` : "";
  }

  // What the image itself asks for, or nothing.
  get ownWindow() {
    const attributes = this.attributes.get(this.stack[this.index]?.uid);
    const [center] = numbers(attributes, "00281050");
    const [width] = numbers(attributes, "00281051");
    return center !== undefined && width >= 1 ? { center, width } : null;
  }

  // All values that can be stored, as they are rescaled.
  get fullWindow() {
    const attributes = this.attributes.get(this.stack[this.index]?.uid);
    const bits = numbers(attributes, "00280101")[0] ?? 12;
    const isSigned = numbers(attributes, "00280103")[0] === 1;
    const slope = numbers(attributes, "00281053")[0] || 1;
    const intercept = numbers(attributes, "00281052")[0] ?? 0;
    const width = 2 ** bits;
    return { center: (isSigned ? 0 : width / 2) * slope + intercept, width: Math.max(1, width * Math.abs(slope)) };
  }

  say(text, state) {
    this.part("message").textContent = text;
    this.stage.dataset.state = state;
  }

  // MARK: Window, zoom, pan

  setWindow(window) {
    this.window = window && { center: window.center, width: Math.max(1, window.width) };
    this.show();
  }

  preset(value) {
    if (value === "") { this.setWindow(null); return; }
    if (value === "full") { this.setWindow(this.fullWindow); return; }
    const [center, width] = value.split(",").map(Number);
    this.setWindow({ center, width });
  }

  resetView() { this.zoom = 1; this.pan = { x: 0, y: 0 }; }

  reset() {
    this.resetView();
    this.window = null;
    this.draw();
    this.show();
  }

  zoomBy(factor, at = { x: this.stage.clientWidth / 2, y: this.stage.clientHeight / 2 }) {
    const zoom = Math.min(ZOOM.max, Math.max(ZOOM.min, this.zoom * factor));
    const middle = { x: this.stage.clientWidth / 2 + this.pan.x, y: this.stage.clientHeight / 2 + this.pan.y };
    const change = zoom / this.zoom;
    this.pan.x += (at.x - middle.x) * (1 - change);
    this.pan.y += (at.y - middle.y) * (1 - change);
    this.zoom = zoom;
    this.draw();
    this.show();
  }

  panBy(x, y) {
    this.pan.x += x;
    this.pan.y += y;
    this.draw();
  }

  get pixelRatio() { return Math.min(2, window.devicePixelRatio || 1); }

  resize() {
    this.canvas.width = Math.max(1, Math.round(this.stage.clientWidth * this.pixelRatio));
    this.canvas.height = Math.max(1, Math.round(this.stage.clientHeight * this.pixelRatio));
    this.draw();
    if (this.stack.length > 0) this.show();
  }

  draw() {
    const context = this.canvas.getContext("2d");
    const { width, height } = this.canvas;
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    this.stage.dataset.zoom = this.zoom.toFixed(2);
    if (!this.bitmap) return;
    const fit = Math.min(width / this.bitmap.width, height / this.bitmap.height) * this.zoom;
    const drawn = { width: this.bitmap.width * fit, height: this.bitmap.height * fit };
    context.imageSmoothingQuality = "high";
    context.drawImage(
      this.bitmap, (width - drawn.width) / 2 + this.pan.x * this.pixelRatio,
      (height - drawn.height) / 2 + this.pan.y * this.pixelRatio, drawn.width, drawn.height);
  }

  // MARK: Hands

  listen() {
    let wheeled = 0;
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      const box = this.stage.getBoundingClientRect();
      if (event.ctrlKey) {
        this.zoomBy(event.deltaY < 0 ? 1.15 : 1 / 1.15, { x: event.clientX - box.left, y: event.clientY - box.top });
        return;
      }
      wheeled += event.deltaMode === 0 ? event.deltaY : event.deltaY * PIXELS_PER_STEP;
      const steps = Math.trunc(wheeled / PIXELS_PER_STEP);
      wheeled -= steps * PIXELS_PER_STEP;
      if (steps !== 0) this.step(steps);
    }, { passive: false });
    this.stage.addEventListener("pointerdown", (event) => {
      this.stage.focus();
      this.stage.setPointerCapture(event.pointerId);
      const isPan = event.shiftKey || event.button === 1;
      const start = { x: event.clientX, y: event.clientY, pan: { ...this.pan }, window: this.window ?? this.ownWindow ?? this.fullWindow };
      const move = (event) => {
        const [x, y] = [event.clientX - start.x, event.clientY - start.y];
        if (isPan) {
          this.pan = { x: start.pan.x + x, y: start.pan.y + y };
          this.draw();
        } else if (x !== 0 || y !== 0) {
          // Right and left make the window wide and narrow, up and down darker and brighter.
          const unit = Math.max(start.window.width, 16) / 300;
          this.setWindow({ center: start.window.center + y * unit, width: start.window.width + x * unit });
        }
      };
      const end = () => {
        this.stage.removeEventListener("pointermove", move);
        this.stage.removeEventListener("pointerup", end);
        this.stage.removeEventListener("pointercancel", end);
      };
      this.stage.addEventListener("pointermove", move);
      this.stage.addEventListener("pointerup", end);
      this.stage.addEventListener("pointercancel", end);
    });
    this.stage.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const far = 40;
      const pans = { ArrowUp: [0, far], ArrowDown: [0, -far], ArrowLeft: [far, 0], ArrowRight: [-far, 0] };
      const keys = {
        ArrowUp: () => this.step(-1), ArrowDown: () => this.step(1), k: () => this.step(-1), j: () => this.step(1),
        PageUp: () => this.step(-10), PageDown: () => this.step(10), Home: () => this.go(0), End: () => this.go(Infinity),
        "+": () => this.zoomBy(1.25), "=": () => this.zoomBy(1.25), "-": () => this.zoomBy(0.8),
      };
      if (event.shiftKey && pans[event.key]) this.panBy(...pans[event.key]);
      else if (keys[event.key]) keys[event.key]();
      else return;
      event.preventDefault();
    });
  }
}

function round(number) { return Math.round(number * 10) / 10; }

class Viewer {
  constructor() {
    const part = (mark) => document.querySelector(`[data-mark="${mark}"]`);
    this.link = part("link");
    this.presets = part("preset");
    this.panes = [...document.querySelectorAll('[data-mark="pane"]')].map((section) => new Pane(section, this));
    this.link?.addEventListener("click", () => this.toggleLink());
    part("reset").addEventListener("click", () => this.reset());
    this.presets.addEventListener("change", () => this.preset(this.presets.value));
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, select, textarea")) return;
      const number = Number(event.key);
      if (event.key === "l") this.toggleLink();
      else if (event.key === "r") this.reset();
      else if (number >= 1 && number <= this.presets.options.length) {
        this.presets.selectedIndex = number - 1;
        this.preset(this.presets.value);
      } else return;
      event.preventDefault();
    });
    for (const pane of this.panes) {
      if (pane.choice.value) pane.open(pane.choice.value);
      else pane.say(pane.words.empty, "empty");
    }
  }

  get isLinked() { return this.link?.getAttribute("aria-pressed") === "true"; }

  toggleLink() { this.link?.setAttribute("aria-pressed", String(!this.isLinked)); }

  // The other stack goes to the same part of its length.
  follow(leader) {
    if (!this.isLinked) return;
    for (const pane of this.panes) if (pane !== leader) pane.goTo(leader.fraction);
  }

  preset(value) { for (const pane of this.panes) pane.preset(value); }

  reset() {
    this.presets.selectedIndex = 0;
    for (const pane of this.panes) pane.reset();
  }
}

new Viewer();
