// Starts the page: sets the saved theme before the first paint, then loads the program. A file of its own, so that the
// Content-Security-Policy allows no inline script. `data-build` on <html>, if a release stamps it there, is appended to
// every address, so that a browser never mixes the files of two releases.
(() => {
  const root = document.documentElement;
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
  Promise.all([code, binary]).then(([app]) => app.default({ module_or_path: binary })).catch(failed);
})();
