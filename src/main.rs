//! The `escucha` command: everything is in the library, this picks the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    escucha::cli::main()
}
