package dev.andon.server.simulation;

/** Bugs that a world can be built with, to see that they are found. Each is in what drives the production's machines. */
enum Fault {
    /** The journal says that a kill is written, and isn't written. */
    JOURNAL_DROPS,
    /** What is written to a journal isn't synced. */
    JOURNAL_NOT_SYNCED,
    /** The file of an image takes the old one's name before its content is synced. */
    IMAGE_NOT_SYNCED,
    /** That an image's file has taken the old one's name isn't synced. */
    IMAGE_NAME_NOT_SYNCED,
    /** A client's file takes the old one's name before its content is synced. */
    CLIENT_FILE_NOT_SYNCED,
    /** A node forgets in its journal what its image covers, before that image is on its disk. */
    JOURNAL_FORGETS_EARLY,
    /** A node saves the image of a new epoch before the kills that this one doesn't know are in the journal. */
    IMAGE_REPLACED_TOO_EARLY,
    /** A node starts its kill path anew with every image. */
    IMAGE_FORGETS_KILLS,
    /** A node merges kills with what its marks say without looking at the marks. */
    RESTORE_BY_UNION,
    /** A rollback takes back the kills that came since. */
    ROLLBACK_LIFTS_KILLS,
    /** A kill settles with what it resolved to alone. */
    DROPPED_TAG_RELEASES,
    /** A kill's entry marks the number after its own as settled, too. */
    MARK_TOO_HIGH,
    /** A kill that settled is appended again after an append whose outcome is unknown. */
    SETTLES_AGAIN,
    /** A client takes every whole state for newer than its own. */
    CLIENT_GOES_BACK,
    /** A client takes what it is sent for all that stands. */
    CLIENT_FORGETS_CARRIED,
    /** A client doesn't hand up what it carries. */
    CLIENT_KEEPS_KILLS_TO_ITSELF,
    /** A client acknowledges what it hasn't put in force yet. */
    ACK_BEFORE_APPLY,
    /** A restore releases all kills of the environment. */
    RESTORE_RELEASES_ALL,
    /** A node doesn't tell its clients of kills before they have settled. */
    BROADCAST_AFTER_SETTLING,
    /** A node tells other nodes only of kills that it has taken itself. */
    PEER_KEEPS_ADOPTED_TO_ITSELF,
    /** Nodes tell each other only what comes after they are linked. */
    PEERS_COMPARE_NOTHING,
    /** A node says that it knows a kill when it comes, and not when it stands. */
    PEER_CONFIRMS_WHAT_COMES,
    /** A relay doesn't hand up the kills that it has taken. */
    RELAY_KEEPS_KILLS_TO_ITSELF,
    /** A relay that starts takes what its upstream has, and not what is on its disk. */
    RELAY_STARTS_ANEW,
    /** A relay reads only what its upstream says is new, and looks for nothing itself. */
    RELAY_DOES_NOT_LOOK,
    /** A relay forgets in its journal what its upstream says that it knows. */
    RELAY_FORGETS_WHAT_IS_KNOWN
}
