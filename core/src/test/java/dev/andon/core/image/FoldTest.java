package dev.andon.core.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.Histories;
import dev.andon.core.Histories.Written;
import dev.andon.core.Samples;
import dev.andon.core.event.Event;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** However the events arrive, entry by entry, in batches, as a snapshot or as patches, the image is the same. */
class FoldTest {
    private static final int SEEDS = 16;
    private static final int ENTRIES = 32;
    private static final List<Integer> BATCHES = List.of(2, 3, 7, ENTRIES);
    private static final Map<Long, List<Written>> HISTORIES = new ConcurrentHashMap<>();

    @Test
    void every_prefix_in_batches_of_any_size_reaches_the_same_image() {
        for (long seed = 0; seed < SEEDS; seed++) {
            List<Written> history = history(seed);
            List<Image> images = Histories.images(history);
            for (int batch : BATCHES) {
                for (int prefix = 1; prefix <= history.size(); prefix++) {
                    assertThat(inBatches(history.subList(0, prefix), batch))
                            .as("seed %d, first %d entries by %d", seed, prefix, batch)
                            .isEqualTo(images.get(prefix));
                }
            }
        }
    }

    private static List<Written> history(long seed) {
        return HISTORIES.computeIfAbsent(seed, key -> Histories.sound(key, ENTRIES));
    }

    private static Image inBatches(List<Written> history, int batch) {
        Image image = Image.EMPTY;
        for (int from = 0; from < history.size(); from += batch) {
            List<Written> part = history.subList(from, Math.min(history.size(), from + batch));
            ImageDelta delta = new ImageDelta(image);
            part.forEach(entry -> delta.applyAll(entry.versioned()));
            image = delta.build(Histories.at(part.get(part.size() - 1).version()));
        }
        return image;
    }

    @Test
    void an_image_is_what_its_events_and_its_bytes_make() {
        for (long seed = 0; seed < SEEDS; seed++) {
            for (Image image : Histories.images(history(seed))) {
                Image again =
                        new ImageDelta(Image.EMPTY).applyAll(image.events()).build(image.provenance());
                assertThat(again).as("seed %d at %s", seed, image.provenance()).isEqualTo(image);
            }
            Image last = last(Histories.images(history(seed)));
            byte[] bytes = ImageCodec.encode(last);
            assertThat(ImageCodec.decode(bytes)).as("seed %d", seed).isEqualTo(last);
            assertThat(ImageCodec.encode(ImageCodec.decode(bytes)))
                    .as("seed %d", seed)
                    .isEqualTo(bytes);
        }
    }

    @Test
    void the_digest_kept_along_the_way_is_that_of_what_is_there() {
        for (long seed = 0; seed < SEEDS; seed++) {
            for (Image image : Histories.images(history(seed))) {
                for (EnvironmentImage environment : image.environments().values()) {
                    assertThat(environment.digest())
                            .as("seed %d at %s", seed, image.provenance())
                            .isEqualTo(digest(image, environment));
                }
            }
        }
    }

    private static Digest digest(Image image, EnvironmentImage environment) {
        Digest digest = Digest.EMPTY;
        for (Versioned<Event> event : image.events(environment)) {
            Event value = event.value();
            if (!(value instanceof Event.EnvironmentSaved) && !(value instanceof Event.Settled)) {
                digest = digest.plus(value);
            }
        }
        return digest;
    }

    @Test
    void a_clients_image_is_the_same_from_patches_as_from_a_snapshot() {
        for (long seed = 0; seed < SEEDS; seed++) {
            List<Image> images = Histories.images(history(seed));
            Samples samples = new Samples(seed);
            for (String environment : Samples.ENVIRONMENTS) {
                int at = 2;
                Image client = snapshot(images.get(at), environment);
                while (at < images.size() - 1) {
                    int next = Math.min(images.size() - 1, at + 1 + samples.below(4));
                    Image earlier = images.get(at);
                    Image later = images.get(next);
                    List<Versioned<Event>> patch =
                            later.eventsSince(earlier, later.environments().get(environment));
                    client = new ImageDelta(client).applyAll(patch).buildForClient(later.provenance());
                    assertThat(client)
                            .as("seed %d, %s from %d to %d", seed, environment, at, next)
                            .isEqualTo(snapshot(later, environment));
                    assertThat(client.environments().get(environment).digest())
                            .as("seed %d, %s at %d", seed, environment, next)
                            .isEqualTo(later.environments().get(environment).digest());
                    at = next;
                }
            }
        }
    }

    static Image snapshot(Image image, String environment) {
        return new ImageDelta(Image.EMPTY)
                .applyAll(image.events(image.environments().get(environment)))
                .buildForClient(image.provenance());
    }

    private static Image last(List<Image> images) {
        return images.get(images.size() - 1);
    }
}
