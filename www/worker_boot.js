// Starts the simulator inside a Web Worker. The worker's name says with which program: the page's own, so that a visitor
// loads it once, or the one that is made for speed. The version on this file's own address goes to the files that it loads.
const program = self.name;
const version = self.location.search;
const { default: init } = await import(`./${program}.js${version}`);
await init({ module_or_path: new URL(`./${program}_bg.wasm${version}`, self.location.href) });
