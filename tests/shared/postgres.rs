//! Real PostgreSQL servers, each with its own process and folder on a free port of
//! the loopback. They end with who started them, however that ends.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long a server may take to be ready. Machines are noisy: only a failure takes
/// as long.
const READY: Duration = Duration::from_secs(60);
/// Ports that the system gives nobody by itself.
const PORTS: std::ops::Range<u16> = 12_000..32_000;
/// More than all tests have at once.
const CONNECTIONS: &str = "300";
/// Where Debian puts each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Runs a server until its own standard input ends, and then removes its folder; or
/// until a line comes, and leaves it.
const WATCH: &str = r#"folder=$1; shift; "$@" & server=$!
if read -r line; then kill -INT $server; wait $server
else kill -INT $server; wait $server; rm -rf "$folder"; fi"#;

/// One server, which may be down.
pub struct PostgresServer {
    port: u16,
    folder: PathBuf,
    watch: Option<Child>,
}

impl PostgresServer {
    /// The one that all tests of a process use, each with databases of its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<PostgresServer> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// One by itself.
    pub fn start() -> Self {
        let folder =
            std::env::temp_dir().join(format!("passerby-postgres-{:016x}", rand::random::<u64>()));
        std::fs::create_dir(&folder).expect("a folder can be made");
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let data = folder.join("data");
        let mut initdb = as_nobody_special("initdb");
        initdb.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "--no-sync"]);
        run(initdb.args(["-E", "UTF8", "--locale=C"]));
        let mut server = Self { port: free_port(), folder, watch: None };
        server.run();
        server
    }

    /// Starts it, again where it was stopped, with what it stored.
    pub fn run(&mut self) {
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "sh"]).arg(&self.folder);
        let server = as_nobody_special("postgres");
        watch.arg(server.get_program()).args(server.get_args());
        watch.arg("-D").arg(self.folder.join("data")).args(["-h", "127.0.0.1", "-F"]);
        watch.args(["-N", CONNECTIONS]);
        watch.arg("-p").arg(self.port.to_string()).arg("-k").arg(&self.folder);
        let watch = watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        self.watch = Some(watch.spawn().expect("sh starts"));
        let begun = Instant::now();
        while !self.is_ready() {
            assert!(begun.elapsed() < READY, "postgres is not ready");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops it. Who is connected is cut off.
    pub fn stop(&mut self) {
        let Some(mut watch) = self.watch.take() else { return };
        watch.stdin.take().expect("it is a pipe").write_all(b"stop\n").expect("it listens");
        watch.wait().expect("it ends");
    }

    fn is_ready(&self) -> bool {
        let mut ready = Command::new(program("pg_isready"));
        ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        ready.status().expect("pg_isready runs").success()
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Makes a database that nobody else has; its name.
    pub fn database(&self) -> String {
        let name = format!("test_{:016x}", rand::random::<u64>());
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// Executes statements in a database.
    pub fn sql(&self, database: &str, statements: &str) {
        let mut psql = Command::new(program("psql"));
        psql.args(["-q", "-X", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-h", "127.0.0.1"]);
        psql.args(["-p", &self.port.to_string(), "-d", database, "-c", statements]);
        run(psql.stdout(Stdio::null()));
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        match self.watch.take() {
            // The end of its input, by which it goes.
            Some(mut watch) => {
                drop(watch.stdin.take());
                let _ = watch.wait();
            }
            None => {
                let _ = std::fs::remove_dir_all(&self.folder);
            }
        }
    }
}

/// A program of PostgreSQL, which refuses to be run by root.
fn as_nobody_special(name: &str) -> Command {
    if !is_root() {
        return Command::new(program(name));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program(name));
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").expect("/proc is there").uid() == 0
}

/// From `$POSTGRES_BIN`, the newest that Debian installed, or the path.
fn program(name: &str) -> PathBuf {
    if let Some(folder) = std::env::var_os("POSTGRES_BIN") {
        return Path::new(&folder).join(name);
    }
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.map(|entry| entry.path()).filter(|path| path.join("bin").exists());
    newest.max_by_key(number).map_or_else(|| name.into(), |path| path.join("bin").join(name))
}

fn run(command: &mut Command) {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A port that nobody listens on now.
fn free_port() -> u16 {
    let mut ports = std::iter::repeat_with(|| rand::random_range(PORTS));
    let free = ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.expect("the ports don't end")
}
