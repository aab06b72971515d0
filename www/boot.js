// Starts the page: sets its mode and the saved theme before the first paint, then loads the program. A file of its own, so that the
// Content-Security-Policy allows no inline script. `data-build` on <html>, if a release stamps it there, is appended to
// every address, so that a browser never mixes the files of two releases.
(() => {
  const root = document.documentElement;
  // What the page is for, before the first paint: src/app/mode.rs.
  const asked = new URLSearchParams(location.search);
  const mode = ["embed", "view"].find((name) => asked.has(name));
  if (mode) root.dataset.mode = mode;
  try {
    const theme = localStorage.getItem("loadstone.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be switched off; the system's theme it is.
  }
  const version = root.dataset.build ? `?v=${root.dataset.build}` : "";
  const failed = (error) => {
    const says = document.getElementById("shell-says");
    if (says) says.textContent = `Loadstone could not start: ${error.message || error}. A current browser is needed; reloading may help.`;
    console.error(error);
  };
  const at = (path) => new URL(path + version, document.baseURI).href;
  const code = import(at("./app.js"));
  const binary = fetch(at("./app_bg.wasm"));
  // Once the page is at rest it is kept for when there is no network: offline.js. Not inside another page.
  const AT_REST_MS = 8000;
  if (root.dataset.build && mode !== "embed" && navigator.serviceWorker) {
    setTimeout(() => navigator.serviceWorker.register(new URL("./offline.js", document.baseURI)).catch(() => {}), AT_REST_MS);
  }
  Promise.all([code, binary]).then(([app]) => app.default({ module_or_path: binary })).catch(failed);
})();
