package dev.andon.proof.fault;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.MethodTypeDesc;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A call in a compiled class that syncs something, and the class without it. */
record Unsyncing(String className, String method, int number) {
    private static final Set<String> OPTIONS = Set.of("SYNC", "DSYNC");

    /** All such calls in the code that is beside these classes. */
    static List<Unsyncing> beside(List<Class<?>> some) throws IOException, URISyntaxException {
        List<Unsyncing> calls = new ArrayList<>();
        for (Class<?> one : some) {
            Path place = Path.of(
                    one.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) {
                calls.addAll(below(place));
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(place)) {
                    calls.addAll(below(jar.getPath("/")));
                }
            }
        }
        return calls;
    }

    private static List<Unsyncing> below(Path root) throws IOException {
        List<Path> classes;
        try (Stream<Path> paths = Files.walk(root)) {
            classes = paths.filter(path -> path.toString().endsWith(".class"))
                    .filter(path -> !path.toString().contains("shaded"))
                    .toList();
        }
        List<Unsyncing> calls = new ArrayList<>();
        for (Path file : classes) {
            ClassModel model = ClassFile.of().parse(Files.readAllBytes(file));
            String name = model.thisClass().asInternalName().replace('/', '.');
            for (MethodModel method : model.methods()) {
                int number = 0;
                for (CodeElement element : method.code().map(Iterable::spliterator).stream()
                        .flatMap(code -> java.util.stream.StreamSupport.stream(code, false))
                        .toList()) {
                    if (syncs(element)) {
                        calls.add(new Unsyncing(name, method.methodName().stringValue(), ++number));
                    }
                    if (element instanceof FieldInstruction field
                            && OPTIONS.contains(field.name().stringValue())) {
                        throw new AssertionError(name + ": opens with " + field.name()
                                + " (expected: a call that syncs, which can be left out)");
                    }
                }
            }
        }
        return calls;
    }

    private static byte[] bytes(String className) throws IOException {
        try (var stream =
                Unsyncing.class.getClassLoader().getResourceAsStream(className.replace('.', '/') + ".class")) {
            return stream.readAllBytes();
        }
    }

    private static boolean syncs(CodeElement element) {
        return element instanceof InvokeInstruction call
                && (call.name().equalsString("force") || call.name().equalsString("syncDirectory"))
                && call.typeSymbol().returnType().descriptorString().equals("V");
    }

    /** Writes the class without the call below a folder, which is to come first on a class path. */
    Path into(Path folder) throws IOException {
        ClassModel model = ClassFile.of().parse(bytes(className));
        AtomicInteger met = new AtomicInteger();
        CodeTransform without = (builder, element) -> {
            if (syncs(element) && met.incrementAndGet() == number) {
                InvokeInstruction call = (InvokeInstruction) element;
                MethodTypeDesc type = call.typeSymbol();
                for (int i = type.parameterCount() + (call.opcode() == Opcode.INVOKESTATIC ? 0 : 1); i > 0; i--) {
                    builder.pop();
                }
            } else {
                builder.with(element);
            }
        };
        byte[] changed = ClassFile.of()
                .transformClass(
                        model,
                        ClassTransform.transformingMethodBodies(
                                one -> one.methodName().equalsString(method), without));
        Path file = folder.resolve(className.replace('.', '/') + ".class");
        Files.createDirectories(file.getParent());
        Files.write(file, changed);
        return folder;
    }

    @Override
    public String toString() {
        return className.substring(className.lastIndexOf('.') + 1) + "." + method + ", sync " + number;
    }
}
