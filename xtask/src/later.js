
// Fetches the second part of the program and links it to the first, whose exports are `wasm`. The first part calls this
// with the place of a function in its table, which hears whether that went well. The version on this script's own address
// goes to the file that it loads.
const LOADER = {
    async __wasm_split_load_later(heard, data) {
        const address = new URL("./LATER" + new URL(import.meta.url).search, import.meta.url);
        let there = false;
        try {
            const answer = await fetch(address);
            if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
            await WebAssembly.instantiate(await answer.arrayBuffer(), { __wasm_split: wasm });
            there = true;
        } catch (error) {
            console.error(error);
        }
        wasm.__indirect_function_table.get(heard)(data, there);
    },
};
