#!/bin/sh
# The artifact of a macro crate, as `cargo glovebox` makes it: artifact.sh CARGO_GLOVEBOX FOLDER CRATE DEPENDENCY OUTPUT
set -e
glovebox=$(realpath "$1") folder=$2 crate=$3 dependency=$4 output=$(realpath -m "$5")
mkdir -p "$folder/src"
printf '[package]\nname = "user"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n%s\n\n[workspace]\n' "$dependency" >"$folder/Cargo.toml"
: >"$folder/src/lib.rs"
(cd "$folder" && CARGO_TARGET_DIR=target "$glovebox" glovebox check --quiet)
cp "$(find "$folder/target" -path "*/$crate-*/macro.wasm" | head -n 1)" "$output"
