//! Runs of the binary.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A folder of its own; removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path =
            std::env::temp_dir().join(format!("passerby-doctor-{:016x}", rand::random::<u64>()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file for its owner alone.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        mode(&path, 0o600);
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn mode(path: &Path, bits: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
}

/// What a doctor said.
pub struct Said {
    code: Option<i32>,
    text: String,
}

impl Said {
    /// There is such a line, and nothing is wrong with its subject.
    pub fn is_fine(&self, subject: &str, words: &str) {
        let lines = self.about(subject);
        assert!(lines.iter().any(|line| line.starts_with("ok ") && line.contains(words)), "{self}");
        assert!(lines.iter().all(|line| !line.starts_with("wrong")), "{self}");
    }

    /// There is such a line, and the code says that something is wrong.
    pub fn is_wrong(&self, subject: &str, words: &str) {
        self.has("wrong", subject, words);
        assert_eq!(self.code, Some(1), "{self}");
    }

    /// There is such a line, with what is to be done.
    pub fn has(&self, verdict: &str, subject: &str, words: &str) {
        let fits = |line: &&str| line.starts_with(verdict) && line.contains(words);
        let line = self.about(subject).into_iter().find(fits);
        assert!(line.is_some_and(|line| line.contains(" -> ")), "{words}: {self}");
    }

    /// Nothing at all is wrong.
    pub fn ends_well(&self) {
        assert_eq!(self.code, Some(0), "{self}");
    }

    /// It nowhere says this.
    pub fn never_says(&self, words: &str) {
        assert!(!self.text.contains(words), "{self}");
    }

    fn about(&self, subject: &str) -> Vec<&str> {
        let start = format!("{subject}: ");
        self.text.lines().filter(|line| line[9..].starts_with(&start)).collect()
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}\n{}", self.code, self.text)
    }
}

/// Asks a doctor in this folder; where no flag says otherwise, about free ports and no
/// relay.
pub fn doctor(folder: &Folder, flags: &[&str]) -> Said {
    doctor_trusting("/dev/null", folder, flags)
}

/// As [`doctor`], on a machine that trusts the certificates in this file.
pub fn doctor_trusting(certificates: &str, folder: &Folder, flags: &[&str]) -> Said {
    let mut command = binary(folder);
    command.arg("doctor").args(flags).env("SSL_CERT_FILE", certificates);
    let given = |flag: &str| flags.iter().any(|given| given.starts_with(flag));
    for (flag, value) in
        [("--listen", "127.0.0.1:0"), ("--ops-listen", "127.0.0.1:0"), ("--turn", "off")]
    {
        if !given(flag) {
            command.args([flag, value]);
        }
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Said { code: output.status.code(), text }
}

pub fn binary(folder: &Folder) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passerby"));
    command.current_dir(folder.path()).env("RUST_LOG", "error");
    command
}

/// A service that runs; killed when dropped.
pub struct Service {
    child: Child,
    /// Where people connect.
    pub public: String,
    /// Where its metrics are.
    pub operations: String,
    /// Where the relay is.
    pub relay: String,
}

impl Service {
    /// Starts one in this folder on free ports, with further flags.
    pub fn start(folder: &Folder, flags: &[&str]) -> Self {
        let mut command = binary(folder);
        command.arg("serve");
        for flag in ["--listen", "--ops-listen", "--turn-listen"] {
            if !flags.contains(&flag) {
                command.args([flag, "127.0.0.1:0"]);
            }
        }
        let mut child = command.args(flags).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = || {
            let line = lines.next().expect("it says where").unwrap();
            line.strip_prefix("listening on ").expect("an address").to_owned()
        };
        let (public, operations, relay) = (address(), address(), address());
        Self { child, public, operations, relay }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address where nobody is.
pub fn closed() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
