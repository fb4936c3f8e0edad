//! Has the binary built anew when the page was: it is embedded.

fn main() {
    println!("cargo:rerun-if-changed=web/dist");
}
