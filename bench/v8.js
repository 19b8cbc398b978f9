// V8 behind the line protocol of bench/README.md: node v8.js (its flags choose the tier).
'use strict';
const fs = require('fs');
const readline = require('readline');

let instance = null;
let compiled = 0;

function answer(words) {
    if (words[0] === 'load' && words.length === 2) {
        const bytes = fs.readFileSync(words[1]);
        const start = process.hrtime.bigint();
        const module = new WebAssembly.Module(bytes);
        const imports = {};
        for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
            if (kind === 'function') (imports[from] ||= {})[name] = () => { throw new Error('import called'); };
        }
        instance = new WebAssembly.Instance(module, imports);
        return `ok ${process.hrtime.bigint() - start} 0`;
    }
    if (words[0] === 'compile' && words.length === 2) {
        // A custom section of a length of its own: V8 finds a module again that it has compiled before, and takes
        // one of the same length for the same when it lies where that one lay.
        const length = ++compiled % 100;
        const bytes = Buffer.concat([fs.readFileSync(words[1]), Buffer.from([0, 2 + length, 1, 0x78]), Buffer.alloc(length)]);
        // Of the whole process: V8 hands functions to threads of its own, whatever its flags say.
        const before = process.cpuUsage();
        new WebAssembly.Module(bytes);
        const spent = process.cpuUsage(before);
        return `ok ${(spent.user + spent.system) * 1000} 0`;
    }
    if (words[0] === 'call' && words.length === 3 && instance) {
        const start = process.hrtime.bigint();
        const result = instance.exports[words[1]](Number(words[2]));
        return `ok ${process.hrtime.bigint() - start} ${BigInt.asUintN(64, result)}`;
    }
    throw new Error('expected `load FILE` or `call NAME N`');
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
    let reply;
    try {
        reply = answer(line.trim().split(/\s+/));
    } catch (error) {
        reply = `error ${String(error).replace(/\n/g, ' ')}`;
    }
    fs.writeSync(1, reply + '\n');
});
