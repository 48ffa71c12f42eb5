//! The table: what each command and argument says.

/// Path of a command or argument, Spanish, English.
pub(super) type Line = (&'static str, &'static str, &'static str);

/// `""` is the program; `run` a command; `run.once` an argument; `case.solved.words` one further down.
pub(super) const LINES: &[Line] = &[
    (
        "",
        "Oye al cliente descontento que lo contó en público, y avisa al responsable a tiempo.",
        "Hears the unhappy customer who told the public, and tells the manager in time.",
    ),
    (
        ".config",
        "Archivo de configuración [si no: $ESCUCHA_CONFIG, ./escucha.toml, /etc/escucha/escucha.toml]",
        "Configuration file [else: $ESCUCHA_CONFIG, ./escucha.toml, /etc/escucha/escucha.toml]",
    ),
    (
        ".json",
        "Escribe los resultados como JSON Lines",
        "Print results as JSON Lines",
    ),
    (
        "demo",
        "Enseña todo el recorrido con un pueblo de muestra; no necesita nada",
        "Shows the whole walk with a sample town; needs nothing",
    ),
    (
        "demo.dir",
        "Carpeta de la demostración, hecha de nuevo cada vez",
        "Folder of the demonstration, made anew each time",
    ),
    (
        "init",
        "Pregunta lo necesario y escribe escucha.toml y keywords.toml",
        "Asks what it must know and writes escucha.toml and keywords.toml",
    ),
    (
        "init.dir",
        "Carpeta de los dos archivos",
        "Folder of the two files",
    ),
    (
        "check",
        "Revisa los dos archivos y dice todos los problemas de una vez",
        "Checks both files and tells every problem at once",
    ),
    (
        "check.online",
        "Además lee cada fuente una vez y saluda al servidor de correo",
        "Also reads every source once and greets the mail server",
    ),
    (
        "check.mail_to",
        "Además manda un correo de prueba a esta dirección",
        "Also sends a test mail to this address",
    ),
    (
        "check.webhook",
        "Además llama a este webhook con un aviso de prueba, firmado",
        "Also calls this webhook with a signed test event",
    ),
    (
        "run",
        "El servicio: lee, puntúa y avisa",
        "The service: reads, scores and alerts",
    ),
    (
        "run.once",
        "Lee y envía lo que toca, y termina (para cron)",
        "Reads and sends what is due, then ends (for cron)",
    ),
    (
        "run.log",
        "Registro para personas (text) o máquinas (json)",
        "Log for people (text) or machines (json)",
    ),
    (
        "status",
        "Dice si todo va bien; código 0 o 1",
        "Says whether all is well; exit 0 or 1",
    ),
    (
        "try",
        "Enseña qué se leería de una dirección o un archivo, con su veredicto",
        "Shows what an address or a file would yield, with its verdict",
    ),
    (
        "try.sources",
        "Direcciones o archivos",
        "Addresses or files",
    ),
    ("try.kind", "Qué son", "What they are"),
    (
        "try.base",
        "Dirección contra la que se resuelven los enlaces de un archivo",
        "Address against which a file's links are resolved",
    ),
    (
        "score",
        "Puntúa un texto, o JSON Lines, y explica cada punto (con --json, línea a línea)",
        "Scores a text, or JSON Lines, and explains every point (with --json, line by line)",
    ),
    (
        "score.file",
        "Archivo [si no: la entrada estándar]",
        "File [else: standard input]",
    ),
    (
        "score.html",
        "Escribe una página que se abre sin red: escucha score --html quejas.jsonl > quejas.html",
        "Writes a page that opens without network: escucha score --html posts.jsonl > posts.html",
    ),
    (
        "score.why",
        "También de dónde sale la probabilidad, con sus palabras",
        "Also where the probability comes from, with its words",
    ),
    (
        "sources",
        "Las fuentes y cómo están",
        "The sources and how they are",
    ),
    (
        "cases",
        "Los casos abiertos, primero los de más riesgo",
        "The open cases, the riskiest first",
    ),
    ("cases.all", "También los cerrados", "The closed ones too"),
    ("cases.doubts", "Solo las dudas", "The doubts alone"),
    (
        "case",
        "Un caso con su historia, o lo que usted decide sobre él",
        "One case with its history, or what you decide about it",
    ),
    (
        "case.id",
        "c-… o un comienzo que baste",
        "c-… or as much of it as suffices",
    ),
    (
        "case.answered",
        "Ya le hemos contestado en público",
        "We have answered him in public",
    ),
    (
        "case.solved",
        "El cliente dice que está resuelto",
        "The customer says that it is solved",
    ),
    (
        "case.solved.words",
        "Las palabras del propio cliente",
        "The customer's own words",
    ),
    (
        "case.dismissed",
        "No es una queja sobre nosotros",
        "It is no complaint about us",
    ),
    (
        "case.dismissed.because",
        "not_about_us, other_company, spam_or_false, duplicate, already_solved o not_a_complaint",
        "not_about_us, other_company, spam_or_false, duplicate, already_solved or not_a_complaint",
    ),
    (
        "case.judge",
        "Si es una queja sobre nosotros: con eso aprenden las palabras clave. También de una duda (p-…)",
        "Whether it is a complaint about us: keywords learn from it. Of a doubt (p-…) too",
    ),
    ("case.judge.said", "yes o no", "yes or no"),
    (
        "case.take",
        "Alguien se ocupa de contestar; los recordatorios siguen y dicen quién",
        "Somebody will answer; reminders go on and say who",
    ),
    ("case.take.by", "Quién", "Who"),
    (
        "case.snooze",
        "No recordarlo hasta mañana por la mañana, o la mañana de otro día",
        "No reminders until tomorrow morning, or the morning of another day",
    ),
    (
        "case.snooze.wait",
        "Dentro de cuántos días: 1d es mañana; como mucho, 30d",
        "In how many days: 1d is tomorrow; 30d at most",
    ),
    (
        "case.undo",
        "Deshace lo último que se hizo con el caso, si fue en el último día",
        "Takes back what was done last with the case, within a day",
    ),
    (
        "links",
        "Cambia las claves de los enlaces que van en los correos",
        "Changes the keys of the links in mails",
    ),
    (
        "links.rotate",
        "Clave nueva; los enlaces de la anterior valen hasta la próxima vez",
        "A new key; links of the one before hold until the next time",
    ),
    (
        "links.revoke",
        "Clave nueva, y ningún enlace enviado hasta ahora vale ya",
        "A new key, and no link that was sent so far holds any longer",
    ),
    (
        "incidents",
        "El mismo fallo contado por muchos clientes: los incidentes, o los casos de uno",
        "The same failure told by many customers: the incidents, or the cases of one",
    ),
    (
        "incidents.id",
        "i-… o un comienzo que baste",
        "i-… or as much of it as suffices",
    ),
    (
        "outbox",
        "Los correos en espera y los imposibles de entregar: por qué, desde cuándo y qué hacer",
        "The mails that wait and those that were given up: why, since when, and what to do",
    ),
    (
        "outbox.id",
        "d-… o un comienzo que baste: su historia",
        "d-… or as much of it as suffices: its history",
    ),
    (
        "outbox.all",
        "También los enviados y cancelados",
        "Sent and cancelled ones too",
    ),
    (
        "outbox.retry",
        "Vuelve a intentarlos: el mismo correo con el mismo Message-ID",
        "Tries them anew: the same mail under the same Message-ID",
    ),
    ("outbox.retry.ids", "Cuáles: d-…", "Which: d-…"),
    (
        "outbox.retry.dead",
        "Todos los imposibles",
        "All that were given up",
    ),
    (
        "outbox.cancel",
        "No enviarlos; a los imposibles, darlos por vistos",
        "Not to send them; of those given up, that they are settled",
    ),
    ("outbox.cancel.ids", "Cuáles: d-…", "Which: d-…"),
    (
        "outbox.cancel.because",
        "Por qué: queda en su historia",
        "Why: it stands in their history",
    ),
    (
        "keywords",
        "El fichero de palabras clave: revisarlo, medirlo, mejorarlo y probar otro antes de usarlo",
        "The keyword file: check it, measure it, improve it, and try another before using it",
    ),
    (
        "keywords.check",
        "Entradas repetidas, inalcanzables, contradictorias o demasiado amplias; código 1 si hay errores",
        "Entries that stand twice, can never act, contradict or find too much; exit 1 for faults",
    ),
    (
        "keywords.check.file",
        "Otro fichero [si no: el que está en uso]",
        "Another file [else: the one in force]",
    ),
    (
        "keywords.check.since",
        "Solo lo visto en este tiempo",
        "Only what was seen in this time",
    ),
    (
        "keywords.stats",
        "Apariciones, aciertos y fallos de cada entrada, y qué hacer con ella",
        "Hits, right and wrong of each entry, and what to do with it",
    ),
    (
        "keywords.stats.since",
        "Solo lo visto en este tiempo",
        "Only what was seen in this time",
    ),
    (
        "keywords.suggest",
        "Palabras que distinguen las quejas juzgadas de lo que no lo era",
        "Words that tell judged complaints from what was none",
    ),
    (
        "keywords.suggest.limit",
        "Cuántas, como mucho",
        "How many at most",
    ),
    (
        "keywords.test",
        "Lo guardado, puntuado con otro fichero: qué se gana, se pierde y cambia; código 1 si se pierde una queja juzgada",
        "What is stored, scored with another file: gained, lost, changed; exit 1 when a judged complaint is lost",
    ),
    ("keywords.test.file", "El fichero nuevo", "The new file"),
    (
        "keywords.test.since",
        "Solo lo visto en este tiempo",
        "Only what was seen in this time",
    ),
    (
        "keywords.test.limit",
        "Cuántas se enseñan de cada lista (con --json, todas)",
        "How many of each list are shown (with --json, all)",
    ),
    (
        "keywords.test.force",
        "Lo acepta aunque se pierda una queja juzgada",
        "Accepts it even when a judged complaint is lost",
    ),
    (
        "capture",
        "Toma una queja a mano: el texto llega por la entrada estándar o en --text",
        "Takes a complaint by hand: its text comes on standard input or in --text",
    ),
    (
        "capture.text",
        "Las palabras del cliente",
        "The customer's words",
    ),
    (
        "capture.author",
        "Cómo firma el cliente",
        "The name the customer signs with",
    ),
    ("capture.url", "Dónde lo publicó", "Where it was published"),
    (
        "capture.published",
        "Cuándo: 2026-11-20, 2026-11-20T10:00:00Z o «hace 3 días»",
        "When: 2026-11-20, 2026-11-20T10:00:00Z or \"3 days ago\"",
    ),
    (
        "capture.source_name",
        "El nombre de una fuente de la configuración, o el del lugar",
        "The name of a configured source, or that of the place",
    ),
    (
        "import",
        "Añade a escucha.toml los canales de una lista OPML; el resto del archivo no cambia",
        "Adds the feeds of an OPML list to escucha.toml; the rest of the file stays as it is",
    ),
    ("import.file", "La lista OPML", "The OPML list"),
    (
        "import.dry_run",
        "Solo dice qué añadiría",
        "Only tells what it would add",
    ),
    (
        "export",
        "Escribe las fuentes como lista OPML por la salida estándar",
        "Writes the sources as an OPML list to standard output",
    ),
    (
        "backup",
        "Escribe una copia comprobada de la base de datos",
        "Writes a checked copy of the database",
    ),
    ("backup.file", "Archivo de la copia", "File of the copy"),
    (
        "restore",
        "Pone una copia en el lugar de la base de datos, con el servicio parado; lo que había se aparta",
        "Puts a backup in the place of the database, with the service stopped; what was there is moved aside",
    ),
    ("restore.file", "La copia", "The backup"),
    (
        "restore.send",
        "Envía los correos que se retuvieron al restaurar",
        "Sends the mails that the restore has held",
    ),
    (
        "restore.drop",
        "Da esos correos por enviados",
        "Takes those mails as sent",
    ),
    (
        "copy",
        "Copia todo a otra base de datos vacía (de SQLite a PostgreSQL, o al revés) y lo compara",
        "Copies everything into another, empty database (SQLite to PostgreSQL, or back) and compares it",
    ),
    (
        "copy.url",
        "postgres://usuario@servidor/base o sqlite://archivo",
        "postgres://user@host/database or sqlite://file",
    ),
    (
        "forget",
        "Olvida a una persona: sus publicaciones, casos y correos, y que no vuelva a entrar",
        "Forgets a person: posts, cases and letters, and keeps them out",
    ),
    (
        "forget.author",
        "Cómo firma, tal como aparece",
        "The name as it appears",
    ),
    (
        "forget.source",
        "Solo en esta fuente, porque otros firman igual en otras",
        "In this source only, since others may have the same name elsewhere",
    ),
    (
        "forget.url",
        "Lo publicado en esta dirección",
        "What was published at this address",
    ),
    (
        "forget.dry_run",
        "Solo dice cuánto retiraría",
        "Only tells how much it would take out",
    ),
    (
        "doctor",
        "Dice qué le pasa a la base de datos y qué hacer; código 0 o 1",
        "Says what is wrong with the database and what to do; exit 0 or 1",
    ),
    (
        "doctor.file",
        "Un archivo SQLite [si no: la base de la configuración]",
        "A SQLite file [else: the database of the configuration]",
    ),
    (
        "train",
        "Entrena un modelo propio con publicaciones juzgadas; dígalo después en [model] folder",
        "Trains a model of your own from judged posts; name it then in [model] folder",
    ),
    ("train.out", "Carpeta del modelo", "Folder of the model"),
    (
        "train.posts",
        "Publicaciones de otros: JSON Lines con text, label (neg complaint neu pos not), source y lang",
        "Posts of others: JSON Lines with text, label (neg complaint neu pos not), source and lang",
    ),
    (
        "train.lines",
        "Publicaciones que nos nombran: JSON Lines con text y complaint (true, false) o label",
        "Posts that name us: JSON Lines with text and complaint (true, false) or label",
    ),
    (
        "train.topics",
        "Frases con sus asuntos: JSON Lines con id, text y topics; hace topics.bin",
        "Lines with what they are about: JSON Lines with id, text and topics; makes topics.bin",
    ),
    (
        "train.signals",
        "Frases con sus hechos: JSON Lines con id, text y signals (lista de kind); hace signals.bin",
        "Lines with their facts: JSON Lines with id, text and signals (a list of kind); makes signals.bin",
    ),
    (
        "train.teacher",
        "Lo que un modelo mayor opina de las publicaciones (examples/train/teacher.py)",
        "What a larger model thinks of the posts (examples/train/teacher.py)",
    ),
    (
        "train.judged",
        "Aprende de lo que se ha juzgado en esta instalación, y dice si el modelo nuevo es mejor en ello",
        "Learn from what was judged in this installation, and tell whether the new model is better on it",
    ),
    (
        "train.on_top",
        "Sigue con los modelos incluidos en el programa en vez de empezar de cero",
        "Go on from the models in the program instead of beginning anew",
    ),
    (
        "train.wrong",
        "Enseña las líneas que se juzgan mal",
        "Show the lines that are judged wrongly",
    ),
    (
        "eval",
        "Mide qué tal juzga conjuntos de publicaciones que no ha visto",
        "Measures how well it judges sets of posts that it has not seen",
    ),
    (
        "eval.dir",
        "Carpeta con los conjuntos, como --posts de train",
        "Folder of the sets, as --posts of train",
    ),
    (
        "eval.lines",
        "Además aprende de estas líneas, como train",
        "Learn from these lines too, as train does",
    ),
    (
        "eval.teacher",
        "Lo que un modelo mayor opina de las publicaciones",
        "What a larger model thinks of the posts",
    ),
    (
        "completions",
        "Escribe el autocompletado para su intérprete de órdenes",
        "Writes the completions for your shell",
    ),
    ("completions.shell", "Intérprete de órdenes", "Shell"),
];
