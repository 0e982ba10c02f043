package dev.andon.bench;

/** One benchmark. */
interface Part {
    /** The word that runs it. */
    String name();

    String title();

    Result run(Scale scale);

    /** How thorough a run is. */
    enum Scale {
        /** Minutes: to see whether something has become worse. */
        QUICK,
        /** For the document. */
        FULL
    }
}
