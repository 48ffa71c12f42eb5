//! What headless Chromium makes of a letter.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::support::{left_out, tally};

/// A cold start of the browser on a busy machine takes its time.
const BROWSER_SECONDS_MAX: u64 = 90;

/// Where the script found it, or where Debian puts it.
pub(crate) fn chromium() -> PathBuf {
    let named = std::env::var_os("ESCUCHA_TEST_CHROMIUM").map(PathBuf::from);
    named.unwrap_or_else(|| "/usr/bin/chromium".into())
}

/// Whether there is a browser; the test of which it is the ground is counted, or left out loudly.
pub(crate) fn is_here() -> bool {
    let is_here = chromium().exists();
    if is_here {
        tally("chromium");
    } else {
        left_out("chromium");
    }
    is_here
}

/// Shows a letter in a frame of a telephone's width (the window itself cannot be so narrow) and
/// returns what the page measured.
#[track_caller]
pub(crate) fn measured_page(
    folder: &Path,
    name: &str,
    html: &str,
) -> std::collections::BTreeMap<String, String> {
    let framed = html.replace('&', "&amp;").replace('"', "&quot;");
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>unmeasured</title><body \
         style=\"margin:0\">\n\
         <iframe width=\"390\" height=\"844\" style=\"border:0\" srcdoc=\"{framed}\"></iframe>\n\
         <script>\n\
         onload = () => {{\n\
         const frame = document.querySelector('iframe');\n\
         const root = frame.contentDocument.documentElement;\n\
         const all = frame.contentWindow.performance.getEntriesByType('resource');\n\
         document.title = 'width=' + frame.contentWindow.innerWidth\n\
         + ' overflow=' + Math.max(0, root.scrollWidth - 390)\n\
         + ' loaded=' + all.length + ' ran=' + (window.ran || 0);\n\
         }};\n\
         </script>"
    );
    let path = folder.join(format!("{name}.html"));
    std::fs::write(&path, page).unwrap();
    let dom = browser(folder, name, &path);
    let title = dom
        .split("<title>")
        .nth(1)
        .and_then(|rest| rest.split("</title>").next());
    title
        .unwrap_or_else(|| panic!("no title in {dom}"))
        .split(' ')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// The page after its scripts have run; no name is resolved, so nothing can leave the machine.
fn browser(folder: &Path, name: &str, page: &Path) -> String {
    let dump = folder.join(format!("{name}.dom"));
    let mut child = Command::new(chromium())
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--window-size=800,900",
            "--dump-dom",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.join(format!("{name}.profile")).display()
        ))
        .arg(format!("file://{}", page.display()))
        .stdout(std::fs::File::create(&dump).unwrap())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut turns = BROWSER_SECONDS_MAX * 10;
    while child.try_wait().unwrap().is_none() {
        turns -= 1;
        if turns == 0 {
            child.kill().unwrap();
            panic!("the browser did not end within {BROWSER_SECONDS_MAX} s");
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
    std::fs::read_to_string(&dump).unwrap()
}
