//! Other engines behind one line protocol (see bench/README.md): `peers cranelift|winch|wasmi`.
use std::io::{BufRead, Write};
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

trait Engine {
    /// Compiles all of the module, eagerly where the engine has a choice, and instantiates it.
    fn load(&mut self, bytes: &[u8]) -> Result<(), Failure>;
    fn call(&mut self, name: &str, n: u32) -> Result<u64, Failure>;
}

struct Wasmtime {
    engine: wasmtime::Engine,
    loaded: Option<(wasmtime::Store<()>, wasmtime::Instance)>,
}

impl Wasmtime {
    fn new(strategy: wasmtime::Strategy) -> Result<Self, Failure> {
        let mut config = wasmtime::Config::new();
        config.strategy(strategy);
        Ok(Self { engine: wasmtime::Engine::new(&config)?, loaded: None })
    }
}

impl Engine for Wasmtime {
    fn load(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let module = wasmtime::Module::new(&self.engine, bytes)?;
        let mut store = wasmtime::Store::new(&self.engine, ());
        let mut linker = wasmtime::Linker::new(&self.engine);
        linker.define_unknown_imports_as_traps(&module)?;
        let instance = linker.instantiate(&mut store, &module)?;
        self.loaded = Some((store, instance));
        Ok(())
    }

    fn call(&mut self, name: &str, n: u32) -> Result<u64, Failure> {
        let (store, instance) = self.loaded.as_mut().ok_or("nothing is loaded")?;
        let function = instance.get_typed_func::<u32, u64>(&mut *store, name)?;
        Ok(function.call(store, n)?)
    }
}

struct Wasmi {
    engine: wasmi::Engine,
    loaded: Option<(wasmi::Store<()>, wasmi::Instance)>,
}

impl Engine for Wasmi {
    fn load(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let module = wasmi::Module::new(&self.engine, bytes)?;
        let mut store = wasmi::Store::new(&self.engine, ());
        let linker = wasmi::Linker::new(&self.engine);
        let instance = linker.instantiate_and_start(&mut store, &module)?;
        self.loaded = Some((store, instance));
        Ok(())
    }

    fn call(&mut self, name: &str, n: u32) -> Result<u64, Failure> {
        let (store, instance) = self.loaded.as_mut().ok_or("nothing is loaded")?;
        let function = instance.get_typed_func::<u32, u64>(&*store, name)?;
        Ok(function.call(store, n)?)
    }
}

fn answer(engine: &mut dyn Engine, line: &str) -> Result<String, Failure> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        ["load", path] => {
            let bytes = std::fs::read(path)?;
            let start = Instant::now();
            engine.load(&bytes)?;
            Ok(format!("ok {} 0", start.elapsed().as_nanos()))
        }
        ["call", name, n] => {
            let n = n.parse()?;
            let start = Instant::now();
            let result = engine.call(name, n)?;
            Ok(format!("ok {} {result}", start.elapsed().as_nanos()))
        }
        _ => Err("expected `load FILE` or `call NAME N`".into()),
    }
}

fn main() -> Result<(), Failure> {
    let mut engine: Box<dyn Engine> = match std::env::args().nth(1).as_deref() {
        Some("cranelift") => Box::new(Wasmtime::new(wasmtime::Strategy::Cranelift)?),
        Some("winch") => Box::new(Wasmtime::new(wasmtime::Strategy::Winch)?),
        Some("wasmi") => Box::new(Wasmi { engine: wasmi::Engine::default(), loaded: None }),
        _ => return Err("usage: peers cranelift|winch|wasmi".into()),
    };
    for line in std::io::stdin().lock().lines() {
        let reply = match answer(engine.as_mut(), &line?) {
            Ok(text) => text,
            Err(error) => format!("error {}", error.to_string().replace('\n', " ")),
        };
        println!("{reply}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
