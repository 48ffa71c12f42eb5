//! A real Chromium of a telephone's size, driven through a pipe: pages opened, links and buttons pressed.
//!
//! It speaks the DevTools protocol on file descriptors 3 and 4, so nothing but a shell is needed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::letter::browser::chromium;

const DEADLINE: Duration = Duration::from_secs(90);
const WIDTH: i64 = 390;
const HEIGHT: i64 = 844;

pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    session: Option<String>,
    n_sent: u64,
    /// Everything that was asked for over the network.
    pub(crate) asked: Vec<String>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// One empty page, 390 pixels wide, without scripts.
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(chromium())
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (to, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (heard, from) = channel();
        std::thread::spawn(move || {
            let parts = BufReader::new(stdout).split(0).map_while(Result::ok);
            for part in parts {
                let Ok(said) = serde_json::from_slice(&part) else {
                    break;
                };
                if heard.send(said).is_err() {
                    break;
                }
            }
        });
        let mut browser = Self {
            child,
            to,
            from,
            session: None,
            n_sent: 0,
            asked: Vec::new(),
            _profile: profile,
        };
        let page = browser.ask("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        let session = browser.ask("Target.attachToTarget", &attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "DOM", "Network"] {
            browser.ask(&format!("{domain}.enable"), &json!({}));
        }
        let size =
            json!({ "width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 2, "mobile": true });
        browser.ask("Emulation.setDeviceMetricsOverride", &size);
        browser.ask(
            "Emulation.setScriptExecutionDisabled",
            &json!({ "value": true }),
        );
        browser
    }

    /// Whether pages may run scripts: off unless a test wants to see that none does.
    pub(crate) fn allow_scripts(&mut self) {
        self.ask(
            "Emulation.setScriptExecutionDisabled",
            &json!({ "value": false }),
        );
    }

    /// As somebody who likes it dark.
    pub(crate) fn go_dark(&mut self) {
        let dark = json!([{ "name": "prefers-color-scheme", "value": "dark" }]);
        self.ask("Emulation.setEmulatedMedia", &json!({ "features": dark }));
    }

    pub(crate) fn open(&mut self, url: &str) {
        let gone = self.ask("Page.navigate", &json!({ "url": url }));
        assert!(gone.get("errorText").is_none(), "{url}: {gone}");
        self.wait_for("Page.loadEventFired");
    }

    /// Presses what this selector finds first, as a finger would, and waits for the page that follows.
    pub(crate) fn press(&mut self, selector: &str) {
        self.touch(selector);
        self.wait_for("Page.loadEventFired");
    }

    /// Presses it and waits for nothing.
    pub(crate) fn touch(&mut self, selector: &str) {
        let node = self.find(selector);
        self.ask("DOM.scrollIntoViewIfNeeded", &json!({ "nodeId": node }));
        let quads = self.ask("DOM.getContentQuads", &json!({ "nodeId": node }));
        let at = |nth: usize| quads["quads"][0][nth].as_f64().unwrap();
        let (x, y) = (f64::midpoint(at(0), at(4)), f64::midpoint(at(1), at(5)));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", &event);
        }
    }

    /// Types into what has the focus.
    pub(crate) fn write(&mut self, text: &str) {
        self.ask("Input.insertText", &json!({ "text": text }));
    }

    /// The HTML of the page as it is now.
    pub(crate) fn html(&mut self) -> String {
        let node = self.find("html");
        let html = self.ask("DOM.getOuterHTML", &json!({ "nodeId": node }));
        html["outerHTML"].as_str().unwrap().to_owned()
    }

    /// How much wider than the telephone the page is.
    pub(crate) fn overflow(&mut self) -> i64 {
        let layout = self.ask("Page.getLayoutMetrics", &json!({}));
        let width = layout["cssContentSize"]["width"].as_f64().unwrap();
        width as i64 - WIDTH
    }

    /// The measure (`fontSize`…) or colour that the page gives to what this selector finds first.
    pub(crate) fn style(&mut self, selector: &str, property: &str) -> String {
        self.ask("CSS.enable", &json!({}));
        let node = self.find(selector);
        let styles = self.ask("CSS.getComputedStyleForNode", &json!({ "nodeId": node }));
        let styles = styles["computedStyle"].as_array().unwrap();
        let found = styles.iter().find(|style| style["name"] == property);
        found.unwrap()["value"].as_str().unwrap().to_owned()
    }

    /// A picture of the whole page, kept where `ESCUCHA_TEST_PICTURES` says, for people to look at.
    pub(crate) fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("ESCUCHA_TEST_PICTURES") else {
            return;
        };
        let wanted = json!({ "format": "png", "captureBeyondViewport": true });
        let shot = self.ask("Page.captureScreenshot", &wanted);
        let coded = shot["data"].as_str().unwrap().as_bytes();
        let bytes = mail_parser::decoders::base64::base64_decode(coded).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }

    fn find(&mut self, selector: &str) -> Value {
        let root = self.ask("DOM.getDocument", &json!({}));
        let query = json!({ "nodeId": root["root"]["nodeId"], "selector": selector });
        let found = self.ask("DOM.querySelector", &query);
        assert_ne!(found["nodeId"], 0, "{selector} is not on the page");
        found["nodeId"].clone()
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.n_sent += 1;
        let mut asked = json!({ "id": self.n_sent, "method": method, "params": params });
        if let Some(session) = &self.session {
            asked["sessionId"] = json!(session);
        }
        let mut bytes = serde_json::to_vec(&asked).unwrap();
        bytes.push(0);
        self.to.write_all(&bytes).unwrap();
        let id = self.n_sent;
        let answer = self.until(method, |said| said["id"] == id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn wait_for(&mut self, event: &str) {
        self.until(event, |said| said["method"] == event);
    }

    #[expect(clippy::disallowed_methods, reason = "a test's deadline is real time")]
    fn until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let ends = Instant::now() + DEADLINE;
        loop {
            let left = ends.saturating_duration_since(Instant::now());
            let said = self.from.recv_timeout(left);
            let said = said.unwrap_or_else(|_| panic!("the browser does not say {what}"));
            if said["method"] == "Network.requestWillBeSent"
                && let Some(url) = said["params"]["request"]["url"].as_str()
            {
                self.asked.push(url.to_owned());
            }
            if is_it(&said) {
                return said;
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
