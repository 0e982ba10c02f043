package dev.andon.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;

/** A folder of the machine's file system. */
record LocalDisk(Path directory) implements Disk {
    /** Less than this counts as none, for a file system that keeps a little back. */
    private static final long NO_ROOM_BYTES = 64 << 10;

    @Override
    public Optional<byte[]> read(String name) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(directory.resolve(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public Blocks open(String name) throws IOException {
        Path file = directory.resolve(name);
        try {
            Files.createFile(file, OwnerOnly.file(file));
            syncDirectory();
        } catch (FileAlreadyExistsException e) {
            // opened below
        }
        return new OpenFile(FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(directory.resolve(from), directory.resolve(to));
    }

    @Override
    public boolean exists(String name) {
        return Files.exists(directory.resolve(name));
    }

    @Override
    public String pathOf(String name) {
        return directory.resolve(name).toString();
    }

    /** The system's message may be in any language, so the room itself is asked too. */
    @Override
    public boolean full(IOException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (message.contains("no space left") || message.contains("quota")) {
            return true;
        }
        try {
            return Files.getFileStore(directory).getUsableSpace() < NO_ROOM_BYTES;
        } catch (IOException unknown) {
            return false;
        }
    }

    /** Makes new names in the folder survive the machine. */
    void syncDirectory() throws IOException {
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private record OpenFile(FileChannel channel) implements Blocks {
        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void write(long position, ByteBuffer bytes) throws IOException {
            long at = position;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        }

        @Override
        public void force() throws IOException {
            channel.force(true);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
