//! Whether a receiver would believe a call: asked of the library of Standard Webhooks for Python, which
//! knows nothing of our code.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::http::Seen;
use super::{left_out, tally};

/// A Python that knows the library.
const PYTHON: &str = "ESCUCHA_TEST_WEBHOOKS";
const SCRIPT: &str = "
import json, sys
from standardwebhooks.webhooks import Webhook
asked = json.load(sys.stdin)
try:
    Webhook(asked['secret']).verify(bytes(asked['body']), asked['headers'])
    print('believed')
except Exception as refused:
    print(refused)
";

/// What it says of a request: `believed`, or why not; `None` where the library is not there.
pub(crate) fn verdict(secret: &str, seen: &Seen) -> Option<String> {
    let Some(python) = std::env::var_os(PYTHON) else {
        left_out("standardwebhooks");
        return None;
    };
    tally("standardwebhooks");
    let headers: serde_json::Map<String, serde_json::Value> = seen
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let asked = serde_json::json!({"secret": secret, "headers": headers, "body": seen.body});
    let mut child = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this Python can be run");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(asked.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the library could not be asked");
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}
