// Stacks of two studies beside each other. Pictures come rendered from this server's own DICOMweb (PS3.18 10.4.1.1.3), so that
// windows are applied to stored values and every Transfer Syntax the server decodes is shown. Nothing here is for diagnosis.

const CACHE_LIMIT = 128 << 20; // bytes of pictures a pane keeps
const AHEAD = 4;               // neighbours fetched beforehand, each way
const NOTCH = 100;             // pixels that a notch of the wheel tells at least; touchpads tell fewer at a time
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

// An Attribute of one frame: in its functional groups (PS3.3 C.7.6.16), else of the image.
function ofFrame(attributes, frame, sequence, number) {
  for (const groups of [tag(attributes, "52009230")?.[frame - 1], tag(attributes, "52009229")?.[0]]) {
    const found = numbers(tag(groups, sequence)?.[0], number);
    if (found.length > 0) return found;
  }
  return numbers(attributes, number);
}

// How much higher than wide a pixel is: Pixel Spacing, Imager Pixel Spacing, or Pixel Aspect Ratio.
function pixelAspect(attributes, frame) {
  for (const pair of [ofFrame(attributes, frame, "00289110", "00280030"), numbers(attributes, "00181164"), numbers(attributes, "00280034")]) {
    if (pair.length === 2 && pair[0] > 0 && pair[1] > 0) return pair[0] / pair[1];
  }
  return 1;
}

// Left, right, up and down of a picture in the letters of PS3.3 C.7.6.1.1.1.
function orientation(attributes, frame) {
  const cosines = ofFrame(attributes, frame, "00209116", "00200037");
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

// What the server tells of a picture: numbers with commas between, then perhaps a word.
function told(response, name) {
  const [first, second, word] = (response.headers.get(name) ?? "").split(",");
  return second === undefined ? null : [Number(first), Number(second), word];
}

// Enough digits for small values, too.
function short(number) { return String(Number(number.toPrecision(5))); }

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
    this.aspect = 1;
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
    this.picture = null;
    this.aspect = 1;
    this.forget();
    this.resetView();
    this.tell(null);
    this.viewer.offerPresets();
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
    if (window) query.set("window", `${short(window.center)},${short(window.width)},${window.function}`);
    return `${this.root}/series/${this.series}/instances/${place.uid}/frames/${place.frame}/rendered?${query}`;
  }

  // One picture is asked for at a time; what was wished for meanwhile is looked at when it came, and only the last counts.
  async show() {
    const place = this.stack[this.index];
    if (!place) return;
    const path = this.path(place);
    const kept = this.cache.get(path);
    if (kept) { this.present(kept, place, path); this.ahead(); return; }
    if (this.isBusy) return;
    this.isBusy = true;
    this.stage.dataset.state = "loading";
    const { signal } = this.abort;
    try {
      const picture = await this.fetch(path, signal);
      if (signal.aborted) return;
      this.isBusy = false;
      if (this.isWanted(path)) { this.present(picture, place, path); this.ahead(); } else { this.show(); }
    } catch (error) {
      if (signal.aborted) return;
      this.isBusy = false;
      if (!this.isWanted(path)) { this.show(); return; }
      this.picture = null;
      this.draw();
      this.tell(place);
      this.say(`${this.words.failed}: ${error.message}`, "failed");
    }
  }

  isWanted(path) { return path === this.path(this.stack[this.index]); }

  async fetch(path, signal) {
    const response = await fetch(path, { signal });
    if (!response.ok) throw new Fault(await reason(response));
    const [window, values] = [told(response, "Priord-Window"), told(response, "Priord-Values")];
    const bitmap = await createImageBitmap(await response.blob());
    const picture = {
      bitmap, size: 4 * bitmap.width * bitmap.height, values,
      window: window && { center: window[0], width: window[1], function: window[2] },
    };
    if (signal.aborted) return picture;
    this.cache.set(path, picture);
    this.cached += picture.size;
    for (const [old, { bitmap, size }] of this.cache) {
      if (this.cached <= CACHE_LIMIT) break;
      if (bitmap === this.picture?.bitmap || bitmap === picture.bitmap) continue;
      bitmap.close();
      this.cache.delete(old);
      this.cached -= size;
    }
    return picture;
  }

  forget() {
    for (const { bitmap } of this.cache.values()) bitmap.close();
    this.cache.clear();
    this.cached = 0;
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

  // What is written on a picture is changed with it, and never before.
  present(picture, place, path) {
    this.picture = picture;
    this.draw();
    this.tell(place);
    this.say("", "shown");
    this.stage.dataset.shown = path;
  }

  // MARK: What is written beside it

  // Of what is shown; of nothing where the place is null.
  tell(place) {
    const at = place ? `${this.words.image} ${this.stack.indexOf(place) + 1}/${this.stack.length}` : "";
    this.part("place").textContent = place?.frames > 1 ? `${at} · ${this.words.frame} ${place.frame}/${place.frames}` : at;
    this.stage.dataset.index = place ? String(this.stack.indexOf(place)) : "";
    this.stage.dataset.count = String(this.stack.length);
    const window = this.picture?.window;
    this.part("window").textContent = window ? `${this.words.window} ${short(window.width)} / ${short(window.center)}` : "";
    this.stage.dataset.window = this.window ? `${short(this.window.center)},${short(this.window.width)}` : "";
    this.describe(place);
  }

  // Orientation and shape of pixels are in the object's metadata, asked for once, and only of what is shown.
  async describe(place) {
    this.describing?.abort();
    this.describing = new AbortController();
    const { signal } = this.describing;
    if (place && !this.attributes.has(place.uid)) {
      this.mark("", "");
      try {
        const [attributes] = await json(`${this.root}/series/${this.series}/instances/${place.uid}/metadata`, signal);
        this.attributes.set(place.uid, attributes ?? {});
      } catch {
        if (!signal.aborted) this.attributes.set(place.uid, {});
      }
      if (signal.aborted) return;
    }
    const attributes = this.attributes.get(place?.uid);
    const { right, down } = orientation(attributes, place?.frame);
    this.mark(right, down);
    const aspect = place ? pixelAspect(attributes, place.frame) : 1;
    if (aspect !== this.aspect) { this.aspect = aspect; this.draw(); }
    this.stage.dataset.aspect = short(aspect);
  }

  mark(right, down) {
    for (const [mark, text] of [["right", right], ["left", opposite(right)], ["down", down], ["up", opposite(down)]]) {
      this.part(mark).textContent = text;
    }
  }

  // All values of the picture that is shown; nothing for colours.
  get fullWindow() {
    const values = this.picture?.values;
    return values ? { center: (values[0] + values[1]) / 2, width: values[1] - values[0], function: "linear-exact" } : null;
  }

  get isCT() { return this.choice.selectedOptions[0]?.dataset.modality === "CT"; }

  say(text, state) {
    this.part("message").textContent = text;
    this.stage.dataset.state = state;
  }

  // MARK: Window, zoom, pan

  setWindow(window) {
    // By the formula of `linear` no window is narrower than 1 (PS3.3 C.11.2.1.2.1).
    const width = Math.max(1e-6, window?.width ?? 0);
    const form = width < 1 ? "linear-exact" : window?.function ?? "linear";
    this.window = window && { center: window.center, width, function: form };
    this.show();
  }

  preset(value) {
    if (value === "") { this.setWindow(null); return; }
    if (value === "full") { this.setWindow(this.fullWindow); return; }
    if (!this.isCT) return;
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
    const bitmap = this.picture?.bitmap;
    if (!bitmap) return;
    const high = bitmap.height * this.aspect;
    const fit = Math.min(width / bitmap.width, height / high) * this.zoom;
    const drawn = { width: bitmap.width * fit, height: high * fit };
    context.imageSmoothingQuality = "high";
    context.drawImage(
      bitmap, (width - drawn.width) / 2 + this.pan.x * this.pixelRatio,
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
      // A notch is a step, whatever it is told in: pixels (100, 120 or more), lines (3) or pages (1).
      const notches = event.deltaY / [NOTCH, 3, 1][event.deltaMode];
      wheeled = Math.abs(notches) >= 1 ? Math.round(notches) : wheeled + notches;
      const steps = Math.trunc(wheeled);
      wheeled -= steps;
      if (steps !== 0) this.step(steps);
    }, { passive: false });
    this.stage.addEventListener("pointerdown", (event) => {
      this.stage.focus();
      this.stage.setPointerCapture(event.pointerId);
      const isPan = event.shiftKey || event.button === 1;
      const start = { x: event.clientX, y: event.clientY, pan: { ...this.pan }, window: this.picture?.window ?? this.fullWindow };
      const [least, most] = this.picture?.values ?? [0, 0];
      const move = (event) => {
        const [x, y] = [event.clientX - start.x, event.clientY - start.y];
        if (isPan) {
          this.pan = { x: start.pan.x + x, y: start.pan.y + y };
          this.draw();
        } else if (start.window && (x !== 0 || y !== 0)) {
          // Right and left make the window wide and narrow, up and down brighter and darker; colours have none.
          const unit = Math.max(start.window.width, (most - least) / 50) / 300;
          this.setWindow({ ...start.window, center: start.window.center + y * unit, width: start.window.width + x * unit });
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
      else if (number >= 1 && number <= this.presets.options.length && !this.presets.options[number - 1].disabled) {
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

  // Hounsfield units are of CT alone.
  offerPresets() {
    this.presets.selectedIndex = 0;
    for (const option of this.presets.options) {
      option.disabled = option.dataset.mark === "hounsfield" && !this.panes?.some((pane) => pane.isCT);
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
