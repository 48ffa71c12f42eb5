//! What the store takes and gives: plain rows, no behaviour.

use crate::model::{
    Ailment, Bond, Case, CaseId, Circumstances, Condition, HourCount, IncidentId, Post, PostId,
    PostKey, Rhythm, SourceId, State, Timestamp, Topic, Verdict,
};

/// The right to settle a claimed row, until it ends. A worker whose token is no longer that of the
/// row writes nothing (fencing).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub token: i64,
    pub until: Timestamp,
}

/// A configured source, as the store must know it.
#[derive(Clone, Debug)]
pub struct SourceRow {
    pub id: SourceId,
    pub name: String,
    /// Whose patience it uses (`model::pace_key`).
    pub host: String,
    /// Digest of URL, kind and selectors: a change drops the validators.
    pub mapping: String,
    /// Digest of the URL: a change means another page, where all is read as if for the first time.
    pub address: String,
    /// When a source that is not known yet is read first.
    pub first_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct ClaimedSource {
    pub id: SourceId,
    pub host: String,
    pub validators: Validators,
    pub body_hash: Option<String>,
    /// False on the first read: what is there already is backlog if it is old.
    pub has_baseline: bool,
    pub n_failures: u32,
    /// Since when it is in trouble.
    pub trouble_at: Option<Timestamp>,
    /// The last reading that found it well.
    pub last_ok_at: Option<Timestamp>,
    /// When it last brought a post that nobody had brought before.
    pub last_new_at: Option<Timestamp>,
    /// Other sources with its address.
    pub n_beside: i64,
    /// Some post that it brought first has a case.
    pub has_cases: bool,
    pub found_feed: Option<FoundFeed>,
    /// Digest of the reader of the last document; `None` when an older version read it.
    pub reader: Option<String>,
    /// It has shown posts before: a document without any is trouble, not "no news".
    pub has_shown: bool,
    pub rhythm: Rhythm,
    /// Whole answers with the same bytes in a row, without one 304.
    pub n_whole: u32,
    pub whereabouts: Whereabouts,
    pub lease: Lease,
}

/// The feed that a web page offers, and is read in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFeed {
    /// The address that the source had in the configuration when it was found.
    pub page: String,
    pub url: String,
}

/// Where a source is, if not at its configured URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// Where permanent redirects lead, and in how many readings in a row it was the same place.
    pub moving_to: Option<String>,
    pub n_moving: u32,
    /// Where it is read now.
    pub moved_to: Option<String>,
}

/// What is sent back to ask "is there anything new?"; opaque, byte-identical.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// A robots.txt as kept; an empty text where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRobots {
    pub text: String,
    pub fetched_at: Timestamp,
}

/// When the next request to a host may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRest {
    pub host: String,
    pub next_at: Timestamp,
}

/// How a source is, for `sources` and `status`.
#[derive(Clone, Debug)]
pub struct SourceState {
    pub id: SourceId,
    pub name: String,
    pub n_posts: i64,
    pub next_at: Timestamp,
    pub last_ok_at: Option<Timestamp>,
    pub last_new_at: Option<Timestamp>,
    pub n_failures: u32,
    pub trouble: Option<String>,
    /// What kind of trouble: the code of `flow::poll::Cause`.
    pub cause: Option<String>,
    /// When the operator was told of its ailment.
    pub told_at: Option<Timestamp>,
    pub condition: Condition,
    /// What the last reading remarked though it could be read.
    pub note: Option<String>,
    /// Posts in the last document that had any; `None`: it never had.
    pub n_shown: Option<i64>,
    /// Where it is read instead of at its configured URL.
    pub moved_to: Option<String>,
    /// Of which of these places the operator was told last.
    pub moved_told: Option<String>,
    /// `X-Robots-Tag` as the site last sent it.
    pub robots_tag: Option<String>,
}

/// How a claimed source is settled.
#[derive(Clone, Debug)]
pub struct Settled {
    pub next_at: Timestamp,
    /// Every host that was asked.
    pub hosts: Vec<HostRest>,
    /// `None` keeps the old ones.
    pub validators: Option<Validators>,
    /// Of a body that was read; `None` keeps the old one.
    pub body_hash: Option<String>,
    pub rhythm: Rhythm,
    pub n_whole: u32,
    pub whereabouts: Whereabouts,
    /// The host of those whereabouts (`model::pace_key`).
    pub host: String,
    pub robots_tag: Option<String>,
    /// What is wrong; `None`: all is well.
    pub trouble: Option<NewTrouble>,
    /// What the document said about its source; `None` when none was read, or it was no good.
    pub parsed: Option<Parsed>,
}

/// A trouble of a source as it is now.
#[derive(Clone, Debug)]
pub struct NewTrouble {
    /// The sentence for the operator.
    pub sentence: String,
    pub cause: &'static str,
    /// From when on it is worth an alarm.
    pub tell_at: Timestamp,
}

/// What a document that could be read tells about its source.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// Digest of what read it: the reader and its selectors.
    pub reader: String,
    pub n_shown: i64,
    pub note: Option<String>,
    /// The hours in which its new posts were published.
    pub hours: Vec<HourCount>,
    /// The oldest hour in which any of its posts was published.
    pub oldest_hour: Option<i64>,
    /// From when on it will count as quiet.
    pub quiet_at: Option<Timestamp>,
}

/// What the operator is told about a source, and what he knew before.
#[derive(Clone, Debug)]
pub struct Telling {
    pub source: SourceId,
    pub knew: Option<Ailment>,
    /// `None`: it is well again.
    pub of: Option<Ailment>,
}

/// A post to store, with what was found in it.
#[derive(Clone, Debug)]
pub struct NewPost {
    pub id: PostId,
    pub post: Post,
    /// The post is stored already and gets this text and verdict: it was edited, or its page was read.
    pub update: bool,
    pub keys: Vec<PostKey>,
    pub backlog: bool,
    /// On its summary while its full text is awaited.
    pub verdict: Option<Verdict>,
    /// What was known beside its words when it was scored.
    pub circumstances: Circumstances,
    pub page: Option<NewPage>,
    pub case: Option<NewCase>,
    /// The letter about its case that names this source too, where another source brought it first.
    pub also: Vec<NewAlert>,
}

/// The linked page that holds the full text.
#[derive(Clone, Debug)]
pub struct NewPage {
    pub url: String,
    pub host: String,
}

/// A case to open (or the live one to go on with), with the letter about it.
#[derive(Clone, Debug)]
pub struct NewCase {
    pub id: CaseId,
    pub watch: String,
    pub author_key: Option<String>,
    pub case: Case,
    /// What to note in its history: `opened` or `customer_spoke`.
    pub event: &'static str,
    pub alerts: Vec<NewAlert>,
    /// The page of its post, and from when on it is looked at.
    pub look: Option<(NewPage, Timestamp)>,
}

/// A letter and the mailboxes it goes to. Ids are derived from content.
#[derive(Clone, Debug)]
pub struct NewAlert {
    pub id: String,
    pub kind: &'static str,
    pub case_id: Option<CaseId>,
    /// The cases that it lists, when it is about several.
    pub lists: Vec<CaseId>,
    /// What it is about, by which mails are put together; `None`: it stands alone.
    pub thread: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Delivery id, recipient, Message-ID.
    pub deliveries: Vec<(String, String, String)>,
}

/// Everything one finished job brings, committed together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    pub posts: Vec<NewPost>,
    pub alerts: Vec<NewAlert>,
    /// Posts of cases that are no longer where they were, or are there again.
    pub absences: Vec<Absence>,
    /// How its new cases stand to those of others; `None` when it opens none.
    pub gathering: Option<Gathering>,
}

/// How cases stand to each other, reckoned from one state of the tables.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    /// That state; when it is another one by now, nothing is written.
    pub version: i64,
    pub prints: Vec<Print>,
    /// New incidents, and others as they are from now on.
    pub incidents: Vec<IncidentRow>,
    pub joins: Vec<Join>,
    /// Letters about incidents; the cases that they list no longer wait.
    pub letters: Vec<(IncidentId, NewAlert)>,
}

/// What a case is compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    pub case: CaseId,
    pub watch: String,
    pub topic: Option<Topic>,
    /// Digest of the author's name; `None` for a name that many share.
    pub mouth: Option<String>,
    /// `score::crowd::Sketch` as hex; `None` for a text that says too little.
    pub sketch: Option<String>,
    /// When it was published; when it was heard if that is not told.
    pub said_at: Timestamp,
}

/// A case of the last days, and the incident to which it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPrint {
    pub print: Print,
    pub incident: Option<(IncidentId, Bond)>,
}

/// A case that becomes one of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    pub case: CaseId,
    pub incident: IncidentId,
    pub bond: Bond,
    /// No letter has told of it yet.
    pub waits: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentRow {
    pub id: IncidentId,
    pub watch: String,
    /// The weakness of which its first case speaks.
    pub topic: Option<Topic>,
    pub opened_at: Timestamp,
    /// How many customers the last letter told of; 0 before the first.
    pub n_told: u32,
    pub told_at: Option<Timestamp>,
    /// Until when those who wait are named; `None` while nobody waits.
    pub tell_at: Option<Timestamp>,
}

/// A case of an incident with its post.
#[derive(Clone, Debug)]
pub struct Member {
    pub case: CaseId,
    pub state: State,
    /// No letter has told of it yet.
    pub waits: bool,
    pub post: StoredPost,
}

/// How the post of a case fared in this reading.
#[derive(Clone, Debug)]
pub struct Absence {
    pub row: CaseRow,
    /// Since when it is missing, and in how many readings; `None`: it is there.
    pub missing: Option<(Timestamp, i64)>,
    /// The case after it, with the event to note, when it is gone for good or came back.
    pub step: Option<(Case, &'static str)>,
}

/// A case whose post was found at this source, with that post.
#[derive(Clone, Debug)]
pub struct WatchedCase {
    pub row: CaseRow,
    pub published: Option<Timestamp>,
    pub missing: Option<(Timestamp, i64)>,
}

#[derive(Clone, Debug)]
pub struct StoredPost {
    pub id: PostId,
    pub source_id: SourceId,
    pub post: Post,
    pub seen_at: Timestamp,
    pub verdict: Option<Verdict>,
    pub circumstances: Circumstances,
    pub case_id: Option<CaseId>,
}

/// What a person said of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub post_id: PostId,
    /// A complaint about us, or none.
    pub is_complaint: bool,
    /// `judged`, `captured`, or the reason of a dismissal.
    pub because: String,
    pub at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct ClaimedPage {
    pub post_id: PostId,
    pub source_id: SourceId,
    pub url: String,
    pub host: String,
    pub n_failures: u32,
    pub lease: Lease,
}

/// What the looks at the page of a case's post have found so far.
#[derive(Clone, Debug)]
pub struct Look {
    pub next_at: Timestamp,
    pub validators: Validators,
    /// It has answered once.
    pub was_there: bool,
    /// Looks in a row that found nothing.
    pub n_gone: i64,
}

#[derive(Clone, Debug)]
pub struct ClaimedLook {
    pub case_id: CaseId,
    pub url: String,
    pub host: String,
    pub look: Look,
    pub lease: Lease,
}

#[derive(Clone, Debug)]
pub struct CaseRow {
    pub id: CaseId,
    pub post_id: PostId,
    pub watch: String,
    /// It does not wait for office hours.
    pub is_urgent: bool,
    pub case: Case,
    /// How often people have acted on it: two who act at once are told apart by it.
    pub n_acts: i64,
}

/// What a person does, beside the step of the case.
#[derive(Clone, Debug, Default)]
pub struct Deed<'a> {
    /// `answered`, `taken`, `undone` …
    pub event: &'a str,
    pub words: Option<&'a str>,
    /// Who did it, where that is known.
    pub by: Option<&'a str>,
    pub judgement: Option<Rejudged>,
    /// What people are told of it.
    pub alerts: Vec<NewAlert>,
}

/// What becomes of the judgement on the post of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejudged {
    To(Judgement),
    /// There is none any more.
    None(PostId),
}

#[derive(Clone, Debug)]
pub struct EventRow {
    pub at: Timestamp,
    pub event: String,
    pub words: Option<String>,
    /// Who did it, where a person did and is known.
    pub by: Option<String>,
}

/// A claimed delivery, with all that a mail needs.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    pub id: String,
    pub alert_id: String,
    pub kind: String,
    pub case_id: Option<CaseId>,
    pub recipient: String,
    pub message_id: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The sealed bytes; `None` before the first attempt.
    pub mime: Option<String>,
    pub attempts: u32,
    pub doubts: u32,
    pub created_at: Timestamp,
    /// Since when it is tried: a person may have had it tried anew.
    pub since: Timestamp,
    pub lease: Lease,
}

/// What `status` counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub sources: i64,
    pub sources_in_trouble: i64,
    pub posts: i64,
    pub live_cases: i64,
    pub doubts: i64,
    pub waiting: i64,
    pub dead: i64,
    pub sent: i64,
    /// Calls of webhooks that wait; the three before count mails.
    pub calls_waiting: i64,
}
