#[test]
fn the_program_is_where_cargo_says() {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_app")).arg("3").output().unwrap();
    assert_eq!(out.status.code(), Some(3));
}
