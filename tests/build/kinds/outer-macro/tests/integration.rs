#[derive(outer::Greet)]
struct Tested;

#[test]
fn integration_tests_use_the_sandbox() {
    assert_eq!(Tested::greet(), "hello Tested");
    assert_eq!(outer::whereabouts!(), "sandbox");
}
