// Starts the simulator inside a Web Worker: the same program as the page's, which sees where it runs. So a visitor
// loads it once. The version on this file's own address goes to the files that it loads.
const version = self.location.search;
const { default: init } = await import(`./app.js${version}`);
await init({ module_or_path: new URL(`./app_bg.wasm${version}`, self.location.href) });
