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
        // A custom section of its own: V8 finds a module again that it has compiled before.
        const mark = Buffer.from([0, 6, 1, 0x78, 0, 0, 0, 0]);
        mark.writeUInt32LE(++compiled, 4);
        const bytes = Buffer.concat([fs.readFileSync(words[1]), mark]);
        const before = process.threadCpuUsage();
        new WebAssembly.Module(bytes);
        const spent = process.threadCpuUsage(before);
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
