//! `rustversion`: no syn; its build script asks the compiler.
#[rustversion::since(1.50)]
pub const NEW: bool = true;
#[rustversion::before(1.50)]
pub const NEW: bool = false;
#[rustversion::all(stable, not(any(before(1.30), since(1.999))))]
pub const STABLE: u8 = 1;
#[rustversion::not(stable)]
pub const STABLE: u8 = 1;

#[rustversion::attr(since(1.40), non_exhaustive)]
pub struct S;
#[rustversion::attr(all(since(1.20), before(1.21)), cfg(nothing))]
pub fn f() -> bool {
    rustversion::cfg!(since(1.60))
}

#[cfg(test)]
mod tests {
    #[test]
    fn selects() {
        assert!(super::NEW && super::STABLE == 1 && super::f());
    }
}
