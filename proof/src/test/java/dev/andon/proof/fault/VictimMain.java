package dev.andon.proof.fault;

/** A process that keeps one thing on its disk, says so, and waits for its end. */
public final class VictimMain {
    static final String KEPT = "kept";

    private VictimMain() {}

    /** @param args what it keeps, and the folder in which it does */
    public static void main(String[] args) throws Exception {
        Keeping.valueOf(args[0]).keep(java.nio.file.Path.of(args[1]));
        System.out.println(KEPT);
        System.in.read();
    }
}
