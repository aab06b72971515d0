// Starts the page: sets its mode, theme and language before the first paint, then loads the program. A file of its own, so that the
// Content-Security-Policy allows no inline script. `data-build` on <html>, if a release stamps it there, is appended to
// every address, so that a browser never mixes the files of two releases.
(() => {
  const root = document.documentElement;
  // What the page is for, before the first paint: src/app/mode.rs.
  const asked = new URLSearchParams(location.search);
  const mode = ["embed", "view"].find((name) => asked.has(name));
  if (mode) root.dataset.mode = mode;
  const kept = (name) => {
    try {
      return localStorage.getItem(`loadstone.${name}`);
    } catch {
      // Storage may be switched off; the system's wishes it is.
      return null;
    }
  };
  const theme = kept("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  // The language: what the address says, what was chosen, or the first of the browser's that there is.
  const offered = root.dataset.languages.split(" ").map((one) => one.split("=")[0]);
  const wished = [asked.get("lang"), kept("lang"), ...navigator.languages];
  root.lang = wished.map((tag) => tag?.split("-")[0].toLowerCase()).find((code) => offered.includes(code)) ?? "en";
  const version = root.dataset.build ? `?v=${root.dataset.build}` : "";
  const at = (path) => new URL(path + version, document.baseURI).href;
  const says = (words) => {
    const place = document.getElementById("shell-says");
    if (place) place.textContent = words;
    place?.removeAttribute("lang");
  };
  let texts = {};
  // English stands in the program; without the texts of another language the page is English.
  const speak = async () => {
    if (root.lang === "en") return;
    try {
      // A page in English is better than none.
      root.dataset.texts = await (await fetch(at(`./${root.lang}.json`), { signal: AbortSignal.timeout(5000) })).text();
      texts = JSON.parse(root.dataset.texts) ?? {};
      says(texts["Starting the simulator…"]);
    } catch {
      root.lang = "en";
    }
  };
  const failed = (error) => {
    const sentence = "Loadstone could not start: {why}. A current browser is needed; reloading may help.";
    says((texts[sentence] ?? sentence).replace("{why}", error.message || error));
    console.error(error);
  };
  const code = import(at("./app.js"));
  const binary = fetch(at("./app_bg.wasm"));
  // Once the page is at rest it is kept for when there is no network: offline.js. Not inside another page.
  const AT_REST_MS = 8000;
  if (root.dataset.build && mode !== "embed" && navigator.serviceWorker) {
    setTimeout(() => navigator.serviceWorker.register(new URL("./offline.js", document.baseURI)).catch(() => {}), AT_REST_MS);
  }
  Promise.all([code, binary, speak()]).then(([app]) => app.default({ module_or_path: binary })).catch(failed);
})();
