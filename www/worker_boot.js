// Starts the simulator inside a Web Worker; the version on its own address goes to the files that it loads.
const version = self.location.search;
const { default: init } = await import(`./worker.js${version}`);
await init({ module_or_path: new URL(`./worker_bg.wasm${version}`, self.location.href) });
