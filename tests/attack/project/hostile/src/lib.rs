//! Hostile macros: each tries one thing that a macro has no business doing, with what its argument names: a
//! decoy that tests/attack/run planted. One that gets what it wants writes "TOOK" and what it got to standard
//! error; one that does not panics with the error.

extern crate proc_macro;

mod files;
mod network;
mod output;
mod processes;
mod resources;
mod sights;

use proc_macro::{TokenStream, TokenTree};

/// What an attack got, or why it did not.
type Loot = Result<String, String>;

fn word(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn run(attack: fn(&[String]) -> Loot, input: TokenStream) -> TokenStream {
    let words: Vec<String> = input
        .into_iter()
        .filter_map(|tree| match tree {
            TokenTree::Literal(literal) => Some(literal.to_string().trim_matches('"').to_string()),
            _ => None,
        })
        .collect();
    match attack(&words) {
        Ok(loot) => {
            eprintln!("TOOK {loot}");
            "()".parse().unwrap()
        }
        Err(why) => panic!("{why}"),
    }
}

macro_rules! attacks {
    ($($module:ident: $($name:ident)*;)*) => {
        $($(
            #[proc_macro]
            pub fn $name(input: TokenStream) -> TokenStream {
                run($module::$name, input)
            }
        )*)*
    };
}

attacks! {
    files: read_file list_folder look_at read_link write_file append_to truncate remove rename make_folder hard_link
        symbolic_link copy set_times change_folder race inherited_descriptors;
    network: tcp_connect tcp_listen udp_send resolve unix_connect raw_sockets;
    processes: run_program fork_child signal exit_well abort write_nowhere variable all_variables raw_environment
        set_variable compiler_memory;
    resources: endless_loop much_memory deep_recursion endless_output long_output sleep_long;
    sights: wall_clock monotonic_clock stack_address heap_address hash_order process_id thread_order access_time random_bytes;
}

/// Harmless: shows that the compiler goes on.
#[proc_macro]
pub fn well(_: TokenStream) -> TokenStream {
    eprintln!("ALIVE");
    "()".parse().unwrap()
}

#[proc_macro]
pub fn nested(input: TokenStream) -> TokenStream {
    output::nested(input)
}

#[proc_macro]
pub fn many_tokens(input: TokenStream) -> TokenStream {
    output::many_tokens(input)
}

#[proc_macro]
pub fn long_literal(input: TokenStream) -> TokenStream {
    output::long_literal(input)
}

#[proc_macro_derive(Greedy)]
pub fn greedy(_: TokenStream) -> TokenStream {
    run(resources::endless_loop, TokenStream::new())
}

#[proc_macro_attribute]
pub fn stealing(path: TokenStream, item: TokenStream) -> TokenStream {
    run(files::read_file, path);
    item
}
