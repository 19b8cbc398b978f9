//! `uuid-macro-internal`.
use uuid::{uuid, Uuid};

pub const ID: Uuid = uuid!("67e55044-10b1-426f-9247-bb680e5fe0c8");
pub const BRACED: Uuid = uuid!("{67e55044-10b1-426f-9247-bb680e5fe0c8}");
pub const URN: Uuid = uuid!("urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8");
const NAMED: &str = "67e5504410b1426f9247bb680e5fe0c8";
pub const FROM_CONST: Uuid = uuid!(NAMED);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal() {
        assert!(ID == BRACED && BRACED == URN && URN == FROM_CONST);
    }
}
