//! A fresh database of each kind for every story.

use std::sync::atomic::{AtomicU32, Ordering};

use escucha::store::{Role, Store};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A store on its own fresh database; a SQLite file lives as long as this value.
pub(crate) struct Fresh {
    pub(crate) engine: &'static str,
    pub(crate) store: Store,
    pub(crate) url: String,
    _folder: Option<tempfile::TempDir>,
}

/// One SQLite file, and one PostgreSQL database where a server is given.
pub(crate) async fn both() -> Vec<Fresh> {
    let mut fresh = vec![sqlite().await];
    fresh.extend(postgres().await);
    fresh
}

pub(crate) async fn sqlite() -> Fresh {
    super::tally("sqlite");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("escucha.db");
    let store = Store::open_sqlite(&path, Role::Service).await.unwrap();
    let url = format!("sqlite://{}", path.display());
    Fresh {
        engine: "sqlite",
        store,
        url,
        _folder: Some(folder),
    }
}

/// `ESCUCHA_TEST_POSTGRES` names a server on which databases may be made.
pub(crate) async fn postgres() -> Option<Fresh> {
    let Ok(server) = std::env::var("ESCUCHA_TEST_POSTGRES") else {
        super::left_out("postgresql");
        return None;
    };
    super::tally("postgresql");
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("escucha_{}_{n}", std::process::id());
    let made = std::process::Command::new("psql")
        .args([&server, "-q", "-c", &format!("CREATE DATABASE {name}")])
        .output()
        .expect("psql can be run");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    let store = Store::open_postgres(url.as_str()).await.unwrap();
    Some(Fresh {
        engine: "postgresql",
        store,
        url: url.to_string(),
        _folder: None,
    })
}

/// `host:port` of the server of this database.
pub(crate) fn address(database: &str) -> String {
    let url = url::Url::parse(database).unwrap();
    format!(
        "{}:{}",
        url.host_str().unwrap(),
        url.port().unwrap_or(5_432)
    )
}
