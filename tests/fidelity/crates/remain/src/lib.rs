//! `remain`: checks order; has an inner attribute form.
#[remain::sorted]
#[derive(Debug, PartialEq)]
pub enum Error {
    BlockSignal,
    CreateCrasClient(u8),
    Exit {
        code: u8,
    },
    #[remain::unsorted]
    Other,
}

#[remain::check]
pub fn check(e: Error) -> u8 {
    #[sorted]
    match e {
        Error::BlockSignal => 1,
        Error::CreateCrasClient(n) => n,
        Error::Exit { code } => code,
        #[unsorted]
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted() {
        assert_eq!(check(Error::Exit { code: 4 }) + check(Error::Other), 4);
    }
}
