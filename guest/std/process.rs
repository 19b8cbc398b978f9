//! A module for working with processes: the real one's, an identity, and commands that say what they
//! wanted to run, or need no process: `cargo locate-project`, from which macros learn where the workspace's
//! manifest is.

use real::ffi::OsStr;
use real::fmt;
use real::format;
use real::fs;
use real::io;
#[cfg(unix)]
use real::os::unix::ffi::OsStrExt;
#[cfg(target_os = "wasi")]
use real::os::wasi::ffi::OsStrExt;
use real::path::{Path, PathBuf};
use real::string::{String, ToString};
use real::vec::Vec;

#[doc(no_inline)]
pub use real::process::*;

// A native guest finds it in the worker that loads it.
#[cfg_attr(target_family = "wasm", link(wasm_import_module = "glovebox"))]
unsafe extern "C" {
    #[cfg_attr(not(target_family = "wasm"), link_name = "__gbx_run")]
    fn run(program: *const u8, len: usize);
}

/// Returns the OS-assigned process identifier associated with this process.
///
/// WASI has none, and std panics there. Macros take it for something unlikely to clash; the same number
/// for every expansion keeps them deterministic.
pub fn id() -> u32 {
    1
}

/// A process builder: the real one, which starts nothing under WASI and says so.
///
/// The host is told first what was to be run. It grants no macro that; it is for the record, and for the
/// compiler's error when the macro fails for want of it.
pub struct Command(real::process::Command);

impl Command {
    /// Constructs a new `Command` for launching the program at path `program`.
    pub fn new<S: AsRef<OsStr>>(program: S) -> Command {
        Command(real::process::Command::new(program))
    }

    /// Adds an argument to pass to the program.
    pub fn arg<S: AsRef<OsStr>>(&mut self, arg: S) -> &mut Command {
        self.0.arg(arg);
        self
    }

    /// Adds multiple arguments to pass to the program.
    pub fn args<I, S>(&mut self, args: I) -> &mut Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.0.args(args);
        self
    }

    /// Inserts or updates an explicit environment variable mapping.
    pub fn env<K: AsRef<OsStr>, V: AsRef<OsStr>>(&mut self, key: K, val: V) -> &mut Command {
        self.0.env(key, val);
        self
    }

    /// Inserts or updates multiple explicit environment variable mappings.
    pub fn envs<I, K, V>(&mut self, vars: I) -> &mut Command
    where
        I: IntoIterator<Item = (K, V)>,
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.0.envs(vars);
        self
    }

    /// Removes an explicitly set environment variable and prevents inheriting it.
    pub fn env_remove<K: AsRef<OsStr>>(&mut self, key: K) -> &mut Command {
        self.0.env_remove(key);
        self
    }

    /// Clears all explicitly set environment variables and prevents inheriting any.
    pub fn env_clear(&mut self) -> &mut Command {
        self.0.env_clear();
        self
    }

    /// Sets the working directory for the child process.
    pub fn current_dir<P: AsRef<Path>>(&mut self, dir: P) -> &mut Command {
        self.0.current_dir(dir);
        self
    }

    /// Configuration for the child process's standard input (stdin) handle.
    pub fn stdin<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Command {
        self.0.stdin(cfg);
        self
    }

    /// Configuration for the child process's standard output (stdout) handle.
    pub fn stdout<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Command {
        self.0.stdout(cfg);
        self
    }

    /// Configuration for the child process's standard error (stderr) handle.
    pub fn stderr<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Command {
        self.0.stderr(cfg);
        self
    }

    /// Executes the command as a child process, returning a handle to it.
    pub fn spawn(&mut self) -> io::Result<Child> {
        self.tell();
        self.0.spawn()
    }

    /// Executes the command as a child process, waiting for it to finish and collecting all of its
    /// output.
    pub fn output(&mut self) -> io::Result<Output> {
        if let Some(text) = located_project(&self.0) {
            let (status, stderr) = (ExitStatus::default(), Vec::new());
            return Ok(Output { status, stdout: text.into_bytes(), stderr });
        }
        self.tell();
        self.0.output()
    }

    /// Executes a command as a child process, waiting for it to finish and collecting its status.
    pub fn status(&mut self) -> io::Result<ExitStatus> {
        self.tell();
        self.0.status()
    }

    /// Returns the path to the program that was given to [`Command::new`].
    pub fn get_program(&self) -> &OsStr {
        self.0.get_program()
    }

    /// Returns an iterator of the arguments that will be passed to the program.
    pub fn get_args(&self) -> CommandArgs<'_> {
        self.0.get_args()
    }

    /// Returns an iterator of the environment variables explicitly set for the child process.
    pub fn get_envs(&self) -> CommandEnvs<'_> {
        self.0.get_envs()
    }

    /// Returns the working directory for the child process.
    pub fn get_current_dir(&self) -> Option<&Path> {
        self.0.get_current_dir()
    }

    fn tell(&self) {
        let program = self.0.get_program().as_bytes();
        // SAFETY: the host reads the name.
        unsafe { run(program.as_ptr(), program.len()) };
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What `cargo locate-project --manifest-path=…` writes to standard output; `None` for any other command.
fn located_project(command: &real::process::Command) -> Option<String> {
    let program = command.get_program();
    if crate::env::var_os("CARGO").is_none_or(|cargo| cargo != program)
        && Path::new(program).file_name() != Some(OsStr::new("cargo"))
    {
        return None;
    }
    let arguments: Option<Vec<&str>> = command.get_args().map(OsStr::to_str).collect();
    let mut arguments = arguments?.into_iter();
    if arguments.next() != Some("locate-project") {
        return None;
    }
    let (mut workspace, mut plain, mut manifest) = (false, false, None);
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument, None),
        };
        match name {
            "--workspace" => workspace = true,
            "--message-format" => plain = value.or_else(|| arguments.next())? == "plain",
            "--manifest-path" => {
                manifest = Some(PathBuf::from(value.or_else(|| arguments.next())?))
            }
            "--offline" | "--locked" | "--frozen" | "--quiet" | "-q" => {}
            _ => return None,
        }
    }
    let folder = match command.get_current_dir() {
        Some(folder) => folder.to_path_buf(),
        None => crate::env::current_dir().ok()?,
    };
    let manifest = folder.join(manifest.unwrap_or_else(|| PathBuf::from("Cargo.toml")));
    let found = if workspace { workspace_of(manifest) } else { manifest };
    let found = found.to_str()?;
    Some(if plain { found.to_string() + "\n" } else { format!("{{\"root\":{found:?}}}\n") })
}

/// The manifest of the workspace that a manifest belongs to. Cargo runs the compiler in the root of the
/// workspace that is built, and in their own folder for packages from elsewhere.
fn workspace_of(manifest: PathBuf) -> PathBuf {
    let root = crate::env::current_dir().map(|folder| folder.join("Cargo.toml"));
    match root {
        Ok(root)
            if root.parent().is_some_and(|folder| manifest.starts_with(folder))
                && !is_workspace(&manifest)
                && is_workspace(&root) =>
        {
            root
        }
        _ => manifest,
    }
}

fn is_workspace(manifest: &Path) -> bool {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let starts = |line: &str| {
        line.trim_start()
            .strip_prefix("[workspace")
            .is_some_and(|rest| rest.starts_with([']', '.']))
    };
    text.lines().any(starts)
}
