// SPDX-License-Identifier: Apache-2.0

//! Tells the program which compiler built it.

fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let out = std::process::Command::new(rustc).arg("--version").output();
    let version = out.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    let short: Vec<&str> = version.split_whitespace().take(2).collect();
    println!("cargo::rustc-env=RUSTC_VERSION={}", short.join(" "));
    println!("cargo::rerun-if-changed=build.rs");
}
