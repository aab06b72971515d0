//! Which other programs the project is built and checked with, in which version, and how each is brought.
//!
//! The constants at the top are the one place where a version stands. What is kept in the user's cache folder is shared by
//! every checkout, installed once, and put in place by a single rename: a folder with the right name is
//! whole. Nothing here is asked of the network when everything is already there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, process};

use anyhow::{Context, Result, anyhow, bail};

use crate::shell::{cargo, command, printed, root, run, succeeds, which};

/// A program of a fixed version, kept in the user's cache folder.
pub struct Tool {
    /// What the package and, but for npm, the program is called.
    pub name: &'static str,
    version: &'static str,
    source: Source,
}

enum Source {
    /// Compiled from crates.io; `locked` uses the versions its authors tested with. `features` may be empty.
    Crate { locked: bool, bin: &'static str, features: &'static str },
    /// A package of the npm registry.
    Npm { bin: &'static str },
}

/// Trunk builds and serves the page while it is worked on. (0.22 asks for a newer compiler.)
pub const TRUNK: Tool =
    Tool { name: "trunk", version: "0.21.14", source: Source::Crate { locked: true, bin: "trunk", features: "" } };
/// Must equal the version of the crate `wasm-bindgen` in `Cargo.toml`, and the one in `Trunk.toml`. Its own
/// lock file does not build with this compiler, hence not locked.
pub const WASM_BINDGEN: Tool = Tool {
    name: "wasm-bindgen-cli",
    version: "0.2.130",
    source: Source::Crate { locked: false, bin: "wasm-bindgen", features: "" },
};
/// Cuts the program into the part that a first visit needs and the rest. Must be able to read the marks that the crate
/// `wasm_split_helpers` sets, which comes with Leptos.
pub const WASM_SPLIT: Tool = Tool {
    name: "wasm_split_cli_support",
    version: "0.2.4",
    source: Source::Crate { locked: true, bin: "wasm-split-cli", features: "build-binary" },
};
/// Makes wasm smaller. From npm because that package carries a current version for every platform.
pub const WASM_OPT: Tool = Tool { name: "binaryen", version: "132.0.0", source: Source::Npm { bin: "wasm-opt" } };
/// Holds licences, duplicates and sources of the dependencies.
pub const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    source: Source::Crate { locked: true, bin: "cargo-deny", features: "" },
};

/// What the page and its worker are compiled for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// What the page is served with while it is worked on; with these on its search path Trunk downloads nothing.
pub const FOR_TRUNK: [&Tool; 2] = [&TRUNK, &WASM_BINDGEN];

/// What the page as it is hosted is made with.
pub const FOR_THE_PAGE: [&Tool; 3] = [&WASM_SPLIT, &WASM_BINDGEN, &WASM_OPT];

/// Simulators from PyPI to measure against and to check numbers with.
const PEERS: [&str; 2] = ["simpy==4.1.2", "ciw==3.2.7"];

impl Tool {
    /// The folder that holds the program, which is installed first if it is missing.
    pub fn bring(&self) -> Result<PathBuf> {
        let home = cache()?.join("tools").join(format!("{}-{}", self.name, self.version));
        if !self.program(&home).exists() {
            println!("bringing {} {} (once for this machine)", self.name, self.version);
            self.install(&home).with_context(|| format!("could not bring {} {}", self.name, self.version))?;
        }
        Ok(self.program(&home).parent().expect("a program lies in a folder").to_owned())
    }

    fn program(&self, home: &Path) -> PathBuf {
        match self.source {
            Source::Crate { bin, .. } => home.join("bin").join(format!("{bin}{}", env::consts::EXE_SUFFIX)),
            Source::Npm { bin } => home.join("node_modules/.bin").join(bin),
        }
    }

    /// Installs beside the final place and moves there at the end, so that a half-installed tool is never
    /// taken for a whole one.
    fn install(&self, home: &Path) -> Result<()> {
        let draft = home.with_file_name(format!("{}-{}.part-{}", self.name, self.version, process::id()));
        fs::create_dir_all(&draft)?;
        match self.source {
            Source::Crate { locked, features, .. } => install_crate(self, locked, features, &draft)?,
            Source::Npm { .. } => {
                need_node()?;
                let package = format!("{}@{}", self.name, self.version);
                run(npm()
                    .args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
                    .arg(&draft)
                    .arg(package))?;
            }
        }
        if !self.program(&draft).exists() {
            bail!("its package does not hold {}", self.program(home).display());
        }
        let _ = fs::remove_dir_all(home);
        match fs::rename(&draft, home) {
            // Another run was quicker.
            Err(_) if self.program(home).exists() => Ok(fs::remove_dir_all(&draft)?),
            result => Ok(result?),
        }
    }
}

/// Compiles a crate for use as a tool. Optimizing Trunk fully takes three times as long to compile, and
/// nobody notices the difference in use.
fn install_crate(tool: &Tool, locked: bool, features: &str, to: &Path) -> Result<()> {
    let mut install = cargo(["install", tool.name, "--version", tool.version, "--features", features, "--root"]);
    install.arg(to).env_remove("CARGO_TARGET_DIR");
    install.env("CARGO_PROFILE_RELEASE_LTO", "off");
    install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    if locked {
        install.arg("--locked");
    }
    run(&mut install)
}

/// A Python that has the simulators of other people, in an environment of its own.
pub fn peers() -> Result<PathBuf> {
    let home = cache()?.join("tools").join(format!("python-{}", PEERS.join("-").replace('=', "")));
    let inside = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let (python, stamp) = (home.join(inside), home.join(".whole"));
    if stamp.exists() {
        return Ok(python);
    }
    const ASK: &str = "install Python 3.10 or newer with its module venv, then run this again";
    println!("bringing {} (once for this machine)", PEERS.join(" and "));
    // An environment cannot be moved: it is marked as whole at the end instead.
    let base = if cfg!(windows) { "python" } else { "python3" };
    run(command(base).args(["-m", "venv", "--clear"]).arg(&home)).context(ASK)?;
    run(command(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PEERS))?;
    fs::write(stamp, "")?;
    Ok(python)
}

/// The part of the user's cache folder that is ours.
fn cache() -> Result<PathBuf> {
    let base = if let Some(dir) = env::var_os("XDG_CACHE_HOME").filter(|d| !d.is_empty()) {
        PathBuf::from(dir)
    } else if cfg!(windows) {
        PathBuf::from(env::var_os("LOCALAPPDATA").context("LOCALAPPDATA is not set")?)
    } else {
        let home = PathBuf::from(env::var_os("HOME").context("HOME is not set")?);
        home.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" })
    };
    Ok(base.join("loadstone"))
}

/// The part of the compiler that makes wasm.
pub fn wasm_target() -> Result<()> {
    let sysroot = printed(command("rustc").args(["--print", "sysroot"])).context("rustc does not run")?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM).join("lib").is_dir() {
        return Ok(());
    }
    println!("bringing the Rust target {WASM}");
    run(command("rustup").args(["target", "add", WASM]))
        .map_err(|e| anyhow!("install the Rust target {WASM} for {sysroot}, with rustup or your system ({e:#})"))
}

/// The source of the standard library, for a page whose standard library is compiled for size too.
pub fn std_source() -> Result<()> {
    let sysroot = printed(command("rustc").args(["--print", "sysroot"])).context("rustc does not run")?;
    if Path::new(&sysroot).join("lib/rustlib/src/rust/library/std").is_dir() {
        return Ok(());
    }
    println!("bringing the source of Rust's standard library");
    run(command("rustup").args(["component", "add", "rust-src"]))
        .map_err(|e| anyhow!("install the Rust component rust-src for {sysroot}, with rustup or your system ({e:#})"))
}

/// Every crate that any target or feature uses, so that what is called afterwards can be held off the network.
pub fn crates() -> Result<()> {
    run(&mut cargo(["fetch", "--locked", "--quiet"]))
}

/// `cargo fmt` and `cargo clippy`.
pub fn rust_components() -> Result<()> {
    for (sub, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !succeeds(cargo([sub]).arg("--version")) {
            println!("bringing the Rust component {component}");
            run(command("rustup").args(["component", "add", component]))
                .map_err(|e| anyhow!("install {component} with rustup or your system ({e:#})"))?;
        }
    }
    Ok(())
}

/// Node and npm cannot be brought for every system: one line says what to do.
pub fn need_node() -> Result<()> {
    const ASK: &str = "install Node.js 20 or newer with npm (https://nodejs.org), then run this again";
    let version = printed(command("node").arg("--version")).context(ASK)?;
    let major: u32 = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    if major < 20 {
        bail!("Node.js {version} is too old: {ASK}");
    }
    if !succeeds(npm().arg("--version")) {
        bail!("npm is missing: {ASK}");
    }
    Ok(())
}

fn npm() -> Command {
    command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// The packages that the browser tests import, exactly as the lock file beside them says.
pub fn browser_packages() -> Result<()> {
    need_node()?;
    let dir = root().join("tests/browser");
    let wanted = fs::read(dir.join("package-lock.json"))?;
    let stamp = dir.join("node_modules/.installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("bringing the packages of the browser tests");
    run(npm().args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]).current_dir(&dir))?;
    Ok(fs::write(stamp, wanted)?)
}

/// A browser that the tests drive.
struct Browser {
    /// The variable that says where one lies.
    variable: &'static str,
    /// What people call it.
    name: &'static str,
    /// Names under which it, or one that is as good for the tests, is found.
    programs: &'static [&'static str],
    /// Where the same ones lie on macOS, outside the search path.
    mac: &'static [&'static str],
    /// What brings it on Debian and its like.
    packages: &'static [&'static str],
}

const CHROMIUM: Browser = Browser {
    variable: "CHROMIUM",
    name: "Chromium or Chrome",
    programs: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    mac: &[
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
    packages: &["chromium", "fonts-dejavu-core"],
};
const FIREFOX: Browser = Browser {
    variable: "FIREFOX",
    name: "Firefox",
    programs: &["firefox-esr", "firefox"],
    mac: &["/Applications/Firefox.app/Contents/MacOS/firefox"],
    packages: &["firefox-esr"],
};

/// A Chromium for the browser tests: the one in `CHROMIUM`, one that is installed, or Debian's.
pub fn chromium() -> Result<PathBuf> {
    CHROMIUM.bring()
}

/// A Firefox likewise, or the one in `FIREFOX`.
pub fn firefox() -> Result<PathBuf> {
    FIREFOX.bring()
}

impl Browser {
    fn bring(&self) -> Result<PathBuf> {
        if let Some(path) = env::var_os(self.variable).filter(|p| !p.is_empty()) {
            return Ok(path.into());
        }
        if let Some(path) = self.installed() {
            return Ok(path);
        }
        let ask = format!("install {}, or set {} to where one lies, then run this again", self.name, self.variable);
        if which("apt-get").is_none() {
            bail!("no browser for the tests: {ask}");
        }
        println!("bringing {} from the system's packages", self.name);
        let install = [&["install", "-y", "--no-install-recommends"], self.packages].concat();
        apt_get(&["update"])
            .and_then(|()| apt_get(&install))
            .map_err(|e| anyhow!("no browser for the tests: {ask} ({e:#})"))?;
        self.installed().context(ask)
    }

    fn installed(&self) -> Option<PathBuf> {
        let on_mac = self.mac.iter().map(PathBuf::from).find(|p| cfg!(target_os = "macos") && p.exists());
        self.programs.iter().find_map(|name| which(name)).or(on_mac)
    }
}

/// Servers that the engine is compared with, by a program of each and the package that brings it.
const REAL: [(&str, &str); 6] = [
    ("nginx", "nginx-light"),
    ("haproxy", "haproxy"),
    ("unbound", "unbound"),
    ("dnsmasq", "dnsmasq-base"),
    ("/usr/lib/postgresql", "postgresql"),
    ("python3", "python3"),
];

/// Brings those of [`REAL`] that are missing. Debian starts a server as it is installed, unless a script forbids it: they
/// are wanted as programs only.
pub fn real_software() -> Result<()> {
    let there = |name: &str| which(name).is_some() || Path::new("/usr/sbin").join(name).exists();
    let missing: Vec<&str> = REAL.iter().filter(|(name, _)| !there(name)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("bringing {} from the system's packages", missing.join(", "));
    let install = format!(
        "policy=/usr/sbin/policy-rc.d; if [ ! -e $policy ]; then trap 'rm -f $policy' EXIT; \
         printf '#!/bin/sh\\nexit 101\\n' > $policy; chmod 755 $policy; fi; \
         apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends {}",
        missing.join(" ")
    );
    run(as_root("sh").args(["-c", &install])).context("could not install the real software")
}

fn apt_get(args: &[&str]) -> Result<()> {
    run(as_root("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// A program run as root, through sudo if need be.
fn as_root(program: &str) -> Command {
    let root = printed(command("id").arg("-u")).as_deref() == Some("0");
    if root || which("sudo").is_none() {
        return command(program);
    }
    let mut sudo = command("sudo");
    sudo.arg(program);
    sudo
}
