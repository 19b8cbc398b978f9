//! `async-attributes`: emits paths into a crate of another name.
extern crate self as async_std;
pub mod task {
    pub fn block_on<F: std::future::Future>(f: F) -> F::Output {
        futures::executor::block_on(f)
    }
}

#[async_attributes::main]
pub async fn main() -> u8 {
    7
}

#[cfg(test)]
mod tests {
    #[async_attributes::test]
    async fn runs() -> Result<(), ()> {
        Ok(())
    }
    use crate as async_std;
}
